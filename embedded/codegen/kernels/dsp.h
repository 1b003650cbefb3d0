/* DSP instructions of the Cortex-M4, on two int16 or four int8 at once; the same in C elsewhere.

As inline assembly, since the board's compiler, GCC 7, has no functions for them. What each does:
https://developer.arm.com/documentation/ddi0403, chapter A7.7 (SADD16, SMLABB, SMLAD, SMMULR, SMULBB, SSAT, SSUB16,
SXTB16, USAT). */

#ifndef MIRNET_DSP_H
#define MIRNET_DSP_H

#include <stdint.h>

/* Four bytes of memory as one word, wherever they begin and whatever array lies there. */
struct mirnet_word {
  uint32_t value;
} __attribute__((packed, may_alias));

static inline uint32_t mirnet_load(const void *from) {
  return ((const struct mirnet_word *)from)->value;
}

static inline void mirnet_store(void *to, uint32_t word) {
  ((struct mirnet_word *)to)->value = word;
}

static inline uint32_t mirnet_two(int32_t low, int32_t high) {
  return ((uint32_t)low & 0xFFFFu) | (uint32_t)high << 16;
}

/* x as two int16. */
static inline uint32_t mirnet_both(int32_t x) {
  return mirnet_two(x, x);
}

#if defined(__ARM_FEATURE_DSP)

/* sum + a.low * b.low + a.high * b.high */
static inline int32_t mirnet_smlad(uint32_t a, uint32_t b, int32_t sum) {
  int32_t result;
  __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}

/* sum + a.low * b.low */
static inline int32_t mirnet_smlabb(uint32_t a, uint32_t b, int32_t sum) {
  int32_t result;
  __asm__("smlabb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}

/* sum + a.high * b.high */
static inline int32_t mirnet_smlatt(uint32_t a, uint32_t b, int32_t sum) {
  int32_t result;
  __asm__("smlatt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}

/* a.low * b.low */
static inline int32_t mirnet_smulbb(uint32_t a, uint32_t b) {
  int32_t result;
  __asm__("smulbb %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
}

/* a.high * b.high */
static inline int32_t mirnet_smultt(uint32_t a, uint32_t b) {
  int32_t result;
  __asm__("smultt %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
}

/* The upper half of a * b, rounded to the nearest, halves up. */
static inline int32_t mirnet_smmulr(int32_t a, int32_t b) {
  int32_t result;
  __asm__("smmulr %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
}

/* x within -128 and 127. */
static inline int32_t mirnet_ssat8(int32_t x) {
  int32_t result;
  __asm__("ssat %0, #8, %1" : "=r"(result) : "r"(x));
  return result;
}

/* x within 0 and 255. */
static inline int32_t mirnet_usat8(int32_t x) {
  int32_t result;
  __asm__("usat %0, #8, %1" : "=r"(result) : "r"(x));
  return result;
}

/* a.low - b.low and a.high - b.high */
static inline uint32_t mirnet_ssub16(uint32_t a, uint32_t b) {
  uint32_t result;
  __asm__("ssub16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
}

/* a.low + b.low and a.high + b.high */
static inline uint32_t mirnet_sadd16(uint32_t a, uint32_t b) {
  uint32_t result;
  __asm__("sadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
}

/* Bytes 0 and 2 as two int16. */
static inline uint32_t mirnet_even(uint32_t bytes) {
  uint32_t result;
  __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(bytes));
  return result;
}

/* Bytes 1 and 3. */
static inline uint32_t mirnet_odd(uint32_t bytes) {
  uint32_t result;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(bytes));
  return result;
}

#else

static inline int32_t mirnet_smlad(uint32_t a, uint32_t b, int32_t sum) {
  return sum + (int16_t)a * (int16_t)b + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

static inline int32_t mirnet_smlabb(uint32_t a, uint32_t b, int32_t sum) {
  return sum + (int16_t)a * (int16_t)b;
}

static inline int32_t mirnet_smlatt(uint32_t a, uint32_t b, int32_t sum) {
  return sum + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

static inline int32_t mirnet_smulbb(uint32_t a, uint32_t b) {
  return (int16_t)a * (int16_t)b;
}

static inline int32_t mirnet_smultt(uint32_t a, uint32_t b) {
  return (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

static inline int32_t mirnet_smmulr(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 31)) >> 32);
}

static inline int32_t mirnet_ssat8(int32_t x) {
  return x < -128 ? -128 : x > 127 ? 127 : x;
}

static inline int32_t mirnet_usat8(int32_t x) {
  return x < 0 ? 0 : x > 255 ? 255 : x;
}

static inline uint32_t mirnet_ssub16(uint32_t a, uint32_t b) {
  return mirnet_two((int16_t)a - (int16_t)b, (int16_t)(a >> 16) - (int16_t)(b >> 16));
}

static inline uint32_t mirnet_sadd16(uint32_t a, uint32_t b) {
  return mirnet_two((int16_t)a + (int16_t)b, (int16_t)(a >> 16) + (int16_t)(b >> 16));
}

static inline uint32_t mirnet_even(uint32_t bytes) {
  return mirnet_two((int8_t)bytes, (int8_t)(bytes >> 16));
}

static inline uint32_t mirnet_odd(uint32_t bytes) {
  return mirnet_two((int8_t)(bytes >> 8), (int8_t)(bytes >> 24));
}

#endif

#endif
