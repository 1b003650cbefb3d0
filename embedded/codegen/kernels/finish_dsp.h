/* Requantization of a sum to int8 in fewer instructions than in `finish.h`: for sums below 2^30, and shifts below 0.

SMMULR rounds as we have to, but gives the upper half of a b, not of 2 a b: so it gets twice the sum. The division by a
power of two rounds halves away from zero, and its power is at least one. */

#ifndef MIRNET_FINISH_DSP_H
#define MIRNET_FINISH_DSP_H

#include "dsp.h"
#include "finish.h"

/* What `mirnet_finish(twice / 2, multiplier, shift, to)` gives, for shifts below 0. */
static inline int8_t mirnet_finish_twice(int32_t twice, int32_t multiplier, int shift, const struct mirnet_output *to) {
  const int right = -shift;
  const int32_t high = mirnet_smmulr(twice, multiplier);
  const int32_t value = mirnet_ssat8(((high + (high >> 31) + ((1 << right) >> 1)) >> right) + to->zero_point);
  return (int8_t)(value < to->low ? to->low : value); /* the upper end is 127 for all */
}

/* A sum of a convolution, for its output channel c. */
static inline int8_t mirnet_finish_conv(const struct mirnet_conv_dsp *p, int32_t sum, int c) {
  const int32_t multiplier = p->conv.multiplier[c];
  const int shift = p->conv.shift[c];
  return p->quick ? mirnet_finish_twice(2 * sum, multiplier, shift, &p->conv.to)
                  : mirnet_finish(sum, multiplier, shift, &p->conv.to);
}

#endif
