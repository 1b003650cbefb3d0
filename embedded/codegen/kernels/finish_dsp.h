/* Requantization of a sum to int8 in fewer instructions than in `finish.h`: for sums below 2^30, shifts from -22 to
-1, and results that are clipped at -128 and 127 only.

SMMULR rounds as we have to, but gives the upper half of a b, not of 2 a b: so it gets twice the sum. The division by a
power of two rounds halves away from zero; its power is at least one, and the zero point is added before it. */

#ifndef MIRNET_FINISH_DSP_H
#define MIRNET_FINISH_DSP_H

#include "dsp.h"
#include "finish.h"

struct mirnet_quick {
  int32_t multiplier;
  int32_t added; /* half of the divisor, and the zero point times the divisor */
  int right;
};

static inline struct mirnet_quick mirnet_make_quick(int32_t multiplier, int shift, int32_t zero_point) {
  struct mirnet_quick made;
  made.multiplier = multiplier;
  made.added = (1 << -shift >> 1) + zero_point * (1 << -shift);
  made.right = -shift;
  return made;
}

/* What `mirnet_finish(twice / 2, ...)` gives. */
static inline int8_t mirnet_finish_twice(int32_t twice, const struct mirnet_quick *quick) {
  const int32_t high = mirnet_smmulr(twice, quick->multiplier);
  return (int8_t)mirnet_ssat8((high + (high >> 31) + quick->added) >> quick->right);
}

#endif
