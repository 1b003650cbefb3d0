/* Softmax in fixed point: exponentials from a table, one division by Newton's method.

"Qn" has n bits before the binary point and 31 - n behind it. */

#include "fixed_point.h"
#include "mirnet_kernels.h"

#define SUM_BITS 12 /* the sum of exponentials is a Q12: up to 4096 of them */
#define OUTPUT_BITS 8

static const int32_t Q2_48_OVER_17 = 1515870810;
static const int32_t Q2_MINUS_32_OVER_17 = -1010580540;
static const int32_t Q2_ONE = (int32_t)1 << 29;

static int leading_zeros(uint32_t x) {
  int count = 0;
  while (count < 32 && !(x & 0x80000000u)) {
    x <<= 1;
    ++count;
  }
  return count;
}

/* x * 2^bits, saturated. */
static int32_t shift_left(int32_t x, int bits) {
  const int64_t wide = (int64_t)x * ((int64_t)1 << bits);
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* 1 / (1 + x) of a Q0 from 0 to 1, a Q0. */
static int32_t reciprocal_of_one_plus(int32_t x) {
  /* The denominator is halved, so that it fits into a Q0; the half of its last bit is rounded up. */
  const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
  int32_t guess = Q2_48_OVER_17 + mirnet_multiply_high(half, Q2_MINUS_32_OVER_17);
  for (int round = 0; round < 3; ++round) {
    const int32_t error = Q2_ONE - mirnet_multiply_high(half, guess);
    guess += shift_left(mirnet_multiply_high(guess, error), 2);
  }
  return shift_left(guess, 1); /* half of a Q2 is the same bits as a Q1 */
}

static void one_row(const struct mirnet_softmax *p, const int8_t *in, int8_t *out) {
  int8_t most = INT8_MIN;
  for (int k = 0; k < p->depth; ++k) {
    most = in[k] > most ? in[k] : most;
  }
  int32_t sum = 0;
  for (int k = 0; k < p->depth; ++k) {
    const int32_t power = p->exponential[most - in[k]];
    sum += power < 0 ? 0 : mirnet_shift_right(power, SUM_BITS);
  }
  const int headroom = leading_zeros((uint32_t)sum);
  const int32_t fraction = (int32_t)(((uint32_t)sum << headroom) - 0x80000000u); /* sum = 2^n (1 + fraction) */
  const int32_t reciprocal = reciprocal_of_one_plus(fraction);
  const int bits = SUM_BITS - headroom + 31 - OUTPUT_BITS;
  for (int k = 0; k < p->depth; ++k) {
    const int32_t power = p->exponential[most - in[k]];
    const int32_t share = power < 0 ? 0 : mirnet_shift_right(mirnet_multiply_high(reciprocal, power), bits);
    out[k] = mirnet_clamp(share - 128, -128, 127);
  }
}

void mirnet_softmax(const struct mirnet_softmax *p, const int8_t *in, int8_t *out) {
  for (int row = 0; row < p->rows; ++row) {
    one_row(p, in + row * p->depth, out + row * p->depth);
  }
}
