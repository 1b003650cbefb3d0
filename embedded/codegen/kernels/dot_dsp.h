/* Dot products of int16, six at a time: at two columns of the input, for three output channels.

Of 5 words that are loaded, 2 of the input and 3 of weights, 6 SMLADs are made: 12 multiply-accumulates in 12 cycles, as
loads in a row take one cycle each and one more at the beginning. That needs 13 of the 14 registers that there are, and
just this order, so it is written in assembly; two constants of the loop wait on the stack. */

#ifndef MIRNET_DOT_DSP_H
#define MIRNET_DOT_DSP_H

#include "dsp.h"

enum {
  MIRNET_CHUNK = 12,       /* numbers of a column that lie side by side; those of the next column follow */
  MIRNET_DOT_CHANNELS = 3, /* output channels */
  MIRNET_DOT_SUMS = 2 * MIRNET_DOT_CHANNELS,
  MIRNET_DOT_STEP = MIRNET_CHUNK * MIRNET_DOT_CHANNELS /* weights of a chunk */
};

#if defined(__ARM_FEATURE_DSP)

/* Two numbers: offsets in bytes of the input at both columns, and of the weights. */
#define MIRNET_TWO(one, two, u, v, w) \
  "ldr %[one], [%[x], #" one "]\n" \
  "ldr %[two], [%[x], #" two "]\n" \
  "ldr %[u], [%[at], #" u "]\n" \
  "ldr %[v], [%[at], #" v "]\n" \
  "ldr %[w], [%[at], #" w "]\n" \
  "smlad %[a], %[one], %[u], %[a]\n" \
  "smlad %[b], %[one], %[v], %[b]\n" \
  "smlad %[c], %[one], %[w], %[c]\n" \
  "smlad %[d], %[two], %[u], %[d]\n" \
  "smlad %[e], %[two], %[v], %[e]\n" \
  "smlad %[f], %[two], %[w], %[f]\n"

/* The sums over chunks of x, `pitch` elements apart, and of `run` weights in all; those of the first column first. */
static inline void mirnet_dot(const int16_t *x, int pitch, const int16_t *weights, int run, int32_t *sums) {
  int32_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
  uint32_t one = 2 * (uint32_t)pitch, two = (uint32_t)(weights + run), u, v, w; /* jump in bytes, and end */
  __asm__ volatile("strd %[one], %[two], [sp, #-8]!\n"
                   "1:\n" MIRNET_TWO("0", "24", "0", "4", "8") MIRNET_TWO("4", "28", "12", "16", "20")
                       MIRNET_TWO("8", "32", "24", "28", "32") MIRNET_TWO("12", "36", "36", "40", "44")
                           MIRNET_TWO("16", "40", "48", "52", "56") MIRNET_TWO("20", "44", "60", "64", "68")
                   "ldrd %[one], %[two], [sp]\n"
                   "add %[at], %[at], #72\n"
                   "add %[x], %[x], %[one]\n"
                   "cmp %[at], %[two]\n"
                   "bne 1b\n"
                   "add sp, sp, #8\n"
                   : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [e] "+r"(e), [f] "+r"(f), [one] "+r"(one),
                     [two] "+r"(two), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w), [x] "+r"(x), [at] "+r"(weights)
                   :
                   : "cc", "memory");
  sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d, sums[4] = e, sums[5] = f;
}

#else

static inline void mirnet_dot(const int16_t *x, int pitch, const int16_t *weights, int run, int32_t *sums) {
  for (int k = 0; k < MIRNET_DOT_SUMS; ++k) {
    sums[k] = 0;
  }
  for (const int16_t *const end = weights + run; weights != end; x += pitch - MIRNET_CHUNK) {
    for (int k = 0; k < MIRNET_CHUNK; k += 2, x += 2) {
      for (int c = 0; c < MIRNET_DOT_CHANNELS; ++c, weights += 2) {
        sums[c] = mirnet_smlad(mirnet_load(x), mirnet_load(weights), sums[c]);
        sums[MIRNET_DOT_CHANNELS + c] =
            mirnet_smlad(mirnet_load(x + MIRNET_CHUNK), mirnet_load(weights), sums[MIRNET_DOT_CHANNELS + c]);
      }
    }
  }
}

#endif

#endif
