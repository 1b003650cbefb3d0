/* Sums and products as in elementwise.c, four elements at a time. */

#include "finish_dsp.h"

enum { VALUES = 256, FINE = 20 /* as in elementwise.c */, FOUR = 4 };

/* One side of a sum on the fine scale, times 2, for each of the 256 values of an int8, those from 0 on first. */
static void tabulate(int32_t zero_point, int32_t multiplier, int shift, int32_t *table) {
  for (int32_t k = 0; k < VALUES; ++k) {
    table[k] = 2 * mirnet_rescale(((int8_t)k - zero_point) * (1 << FINE), multiplier, shift);
  }
}

void mirnet_add_dsp(const struct mirnet_add *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t *tables) {
  const struct mirnet_quick quick = mirnet_make_quick(p->multiplier, p->shift, p->to.zero_point);
  const int32_t *const one = tables, *const other = tables + VALUES;
  tabulate(p->a_zero_point, p->a_multiplier, p->a_shift, tables);
  tabulate(p->b_zero_point, p->b_multiplier, p->b_shift, tables + VALUES);
  const int8_t *const end = a + p->pair.positions * p->pair.channels;
  for (; a != end; a += FOUR, b += FOUR, out += FOUR) {
    const uint32_t u = mirnet_load(a), v = mirnet_load(b);
    out[0] = mirnet_finish_twice(one[u & 0xFF] + other[v & 0xFF], &quick);
    out[1] = mirnet_finish_twice(one[u >> 8 & 0xFF] + other[v >> 8 & 0xFF], &quick);
    out[2] = mirnet_finish_twice(one[u >> 16 & 0xFF] + other[v >> 16 & 0xFF], &quick);
    out[3] = mirnet_finish_twice(one[u >> 24] + other[v >> 24], &quick);
  }
}

void mirnet_mul_dsp(const struct mirnet_mul *p, const int8_t *a, const int8_t *b, int8_t *out) {
  const struct mirnet_quick quick = mirnet_make_quick(p->multiplier, p->shift, p->to.zero_point);
  const uint32_t a_zero_points = mirnet_both(p->a_zero_point), b_zero_points = mirnet_both(p->b_zero_point);
  const int repeated = p->pair.b_channel == 0;
  for (int k = 0; k < p->pair.positions; ++k, b += p->pair.b_position) {
    uint32_t v = repeated ? (uint8_t)*b * 0x01010101u : 0;
    for (int c = 0; c < p->pair.channels; c += FOUR, a += FOUR, out += FOUR) {
      const uint32_t u = mirnet_load(a);
      v = repeated ? v : mirnet_load(b + c);
      const uint32_t a_even = mirnet_ssub16(mirnet_even(u), a_zero_points);
      const uint32_t a_odd = mirnet_ssub16(mirnet_odd(u), a_zero_points);
      const uint32_t b_even = mirnet_ssub16(mirnet_even(v), b_zero_points);
      const uint32_t b_odd = mirnet_ssub16(mirnet_odd(v), b_zero_points);
      out[0] = mirnet_finish_twice(2 * mirnet_smulbb(a_even, b_even), &quick);
      out[1] = mirnet_finish_twice(2 * mirnet_smulbb(a_odd, b_odd), &quick);
      out[2] = mirnet_finish_twice(2 * mirnet_smultt(a_even, b_even), &quick);
      out[3] = mirnet_finish_twice(2 * mirnet_smultt(a_odd, b_odd), &quick);
    }
  }
}
