/* Elementwise operators: sums, products and look-up tables. */

#include "finish.h"
#include "mirnet_kernels.h"

#define FINE 20 /* bits by which both sides of a sum are shifted left before they are rescaled */

void mirnet_add(const struct mirnet_add *p, const int8_t *a, const int8_t *b, int8_t *out) {
  for (int k = 0; k < p->pair.positions; ++k, b += p->pair.b_position) {
    for (int c = 0; c < p->pair.channels; ++c) {
      const int32_t one = (*a++ - p->a_zero_point) * (1 << FINE);
      const int32_t other = (b[c * p->pair.b_channel] - p->b_zero_point) * (1 << FINE);
      const int32_t sum =
          mirnet_rescale(one, p->a_multiplier, p->a_shift) + mirnet_rescale(other, p->b_multiplier, p->b_shift);
      *out++ = mirnet_finish(sum, p->multiplier, p->shift, &p->to);
    }
  }
}

void mirnet_mul(const struct mirnet_mul *p, const int8_t *a, const int8_t *b, int8_t *out) {
  for (int k = 0; k < p->pair.positions; ++k, b += p->pair.b_position) {
    for (int c = 0; c < p->pair.channels; ++c) {
      const int32_t product = (*a++ - p->a_zero_point) * (b[c * p->pair.b_channel] - p->b_zero_point);
      *out++ = mirnet_finish(product, p->multiplier, p->shift, &p->to);
    }
  }
}

void mirnet_lookup(const int8_t *table, int32_t size, const int8_t *in, int8_t *out) {
  for (int32_t k = 0; k < size; ++k) {
    out[k] = table[in[k] + 128];
  }
}
