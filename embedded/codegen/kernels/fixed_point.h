/* Fixed-point arithmetic of quantized numbers, as in TensorFlow Lite, to the last bit.

A sum of products has the scale s1 * s2 and is rescaled to s3: it is multiplied by m = s1 * s2 / s3, which is kept
as multiplier / 2^31 * 2^shift with a multiplier from 2^30 to 2^31. Both steps round; so must we, at the same places.
A right shift of a negative number rounds down here, as it does with every compiler for this board and for PCs.
Reference: https://arxiv.org/abs/1712.05877, section 2.2. */

#ifndef MIRNET_FIXED_POINT_H
#define MIRNET_FIXED_POINT_H

#include <stdint.h>

/* The upper half of 2 a b, rounded to the nearest, halves up. Not for a = b = -2^31, whose result does not fit.
   TensorFlow Lite writes it with a sign, a division and that case: the results are the same. */
static inline int32_t mirnet_multiply_high(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* x / 2^bits, rounded to the nearest, halves away from zero; bits from 0 to 31. */
static inline int32_t mirnet_shift_right(int32_t x, int bits) {
  const int32_t mask = (int32_t)(((uint32_t)1 << bits) - 1);
  const int32_t rest = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> bits) + (rest > threshold ? 1 : 0);
}

/* x * multiplier / 2^31 * 2^shift. */
static inline int32_t mirnet_rescale(int32_t x, int32_t multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  const int right = shift > 0 ? 0 : -shift;
  return mirnet_shift_right(mirnet_multiply_high((int32_t)((uint32_t)x << left), multiplier), right);
}

/* x within [low, high]. */
static inline int8_t mirnet_clamp(int32_t x, int32_t low, int32_t high) {
  return (int8_t)(x < low ? low : x > high ? high : x);
}

#endif
