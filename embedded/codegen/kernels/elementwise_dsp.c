/* Sums and products as in elementwise.c, in fewer instructions. */

#include "finish_dsp.h"

enum { VALUES = 256, FINE = 20 /* as in elementwise.c */ };

/* One side of a sum on the fine scale, times 2, for each of the 256 values of an int8. */
static void tabulate(int32_t zero_point, int32_t multiplier, int shift, int32_t *table) {
  for (int32_t k = 0; k < VALUES; ++k) {
    table[k] = 2 * mirnet_rescale((k - 128 - zero_point) * (1 << FINE), multiplier, shift);
  }
}

void mirnet_add_dsp(const struct mirnet_add *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t *tables) {
  const struct mirnet_output to = p->to;
  const int32_t multiplier = p->multiplier;
  const int32_t *const one = tables + 128, *const other = one + VALUES; /* entries of 0 */
  const int shift = p->shift, channels = p->pair.channels, step = p->pair.b_channel;
  tabulate(p->a_zero_point, p->a_multiplier, p->a_shift, tables);
  tabulate(p->b_zero_point, p->b_multiplier, p->b_shift, tables + VALUES);
  for (int k = 0; k < p->pair.positions; ++k, b += p->pair.b_position) {
    const int8_t *each = b;
    for (const int8_t *const end = a + channels; a != end; each += step) {
      *out++ = mirnet_finish_twice(one[*a++] + other[*each], multiplier, shift, &to);
    }
  }
}

void mirnet_mul_dsp(const struct mirnet_mul *p, const int8_t *a, const int8_t *b, int8_t *out) {
  const struct mirnet_output to = p->to;
  const int32_t twice = 2 * p->a_zero_point, b_zero_point = p->b_zero_point, multiplier = p->multiplier;
  const int shift = p->shift, channels = p->pair.channels, step = p->pair.b_channel;
  for (int k = 0; k < p->pair.positions; ++k, b += p->pair.b_position) {
    const int8_t *each = b;
    for (const int8_t *const end = a + channels; a != end; each += step) {
      *out++ = mirnet_finish_twice((2 * *a++ - twice) * (*each - b_zero_point), multiplier, shift, &to);
    }
  }
}
