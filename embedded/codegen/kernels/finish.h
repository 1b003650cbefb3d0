/* Requantization of a sum of products to int8. */

#ifndef MIRNET_FINISH_H
#define MIRNET_FINISH_H

#include "fixed_point.h"
#include "mirnet_kernels.h"

static inline int8_t mirnet_finish(int32_t sum, int32_t multiplier, int shift, const struct mirnet_output *to) {
  return mirnet_clamp(mirnet_rescale(sum, multiplier, shift) + to->zero_point, to->low, to->high);
}

#endif
