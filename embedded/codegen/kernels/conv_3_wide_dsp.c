/* Convolution with windows 3 wide and a stride of 1: 4 multiplications for two neighbouring outputs where the
definition takes 6, Winograd's F(2, 3).

With inputs d0 to d3 and weights g0 to g2, both outputs doubled, all in integers and therefore exact:

    y0 = d0 g0 + d1 g1 + d2 g2        m0 = (d0 - d2) 2 g0              2 y0 = m0 + m1 + m2
    y1 = d1 g0 + d2 g1 + d3 g2        m1 = (d1 + d2) (g0 + g1 + g2)    2 y1 = m1 - m2 - m3
                                      m2 = (d2 - d1) (g0 - g1 + g2)
                                      m3 = (d1 - d3) 2 g2

Here each m is a sum over all channels and all rows of the window. So input and weights are brought into these four
forms once, and outputs put together from four dot products at the end. A column has the 12 channels of a chunk, for two
outputs.

https://arxiv.org/abs/1509.09308, section 4.1. */

#include "conv_dsp.h"

enum { FORMS = 4 };

/* Two channels of d0 to d3 in their forms; in a difference the zero point is gone by itself. */
static inline void unpack_two(uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3, uint32_t zero_points_twice,
                              int16_t *to, int form) {
  mirnet_store(to, mirnet_ssub16(d0, d2));
  mirnet_store(to + form, mirnet_ssub16(mirnet_sadd16(d1, d2), zero_points_twice));
  mirnet_store(to + 2 * form, mirnet_ssub16(d2, d1));
  mirnet_store(to + 3 * form, mirnet_ssub16(d1, d3));
}

void mirnet_unpack_3_wide(const struct mirnet_conv_dsp *p, const int8_t *in, int16_t *row) {
  const int channels = p->conv.in.channels, size = p->conv.in.width * channels, form = p->columns * MIRNET_CHUNK;
  const int32_t zero_point = p->conv.in_zero_point;
  const uint32_t twice = mirnet_both(2 * zero_point);
  for (int c = 0; c < channels; c += MIRNET_FOUR) {
    int16_t *to = row + c / MIRNET_CHUNK * FORMS * form + c % MIRNET_CHUNK;
    int offset = c - p->conv.left * channels;
    const uint32_t first = mirnet_four(in, size, offset, zero_point);
    const uint32_t second = mirnet_four(in, size, offset + channels, zero_point);
    uint32_t even0 = mirnet_even(first), odd0 = mirnet_odd(first); /* of d0: channels 0 and 2, 1 and 3 */
    uint32_t even1 = mirnet_even(second), odd1 = mirnet_odd(second);
    for (const int16_t *const end = to + form; to != end; to += MIRNET_CHUNK) {
      offset += 2 * channels;
      const uint32_t third = mirnet_four(in, size, offset, zero_point);
      const uint32_t fourth = mirnet_four(in, size, offset + channels, zero_point);
      const uint32_t even2 = mirnet_even(third), even3 = mirnet_even(fourth);
      unpack_two(even0, even1, even2, even3, twice, to, form);
      const uint32_t odd2 = mirnet_odd(third), odd3 = mirnet_odd(fourth);
      unpack_two(odd0, odd1, odd2, odd3, twice, to + MIRNET_PAIR, form);
      even0 = even2, even1 = even3, odd0 = odd2, odd1 = odd3;
    }
  }
}

/* Two channels of g0 to g2 in their forms. */
static inline void expand_two(uint32_t g0, uint32_t g1, uint32_t g2, int form, int16_t *to) {
  const uint32_t outer = mirnet_sadd16(g0, g2);
  mirnet_store(to, mirnet_sadd16(g0, g0));
  mirnet_store(to + form, mirnet_sadd16(outer, g1));
  mirnet_store(to + 2 * form, mirnet_ssub16(outer, g1));
  mirnet_store(to + 3 * form, mirnet_sadd16(g2, g2));
}

const int8_t *mirnet_expand_3_wide(const int8_t *from, int fours, int16_t *weights) {
  const int form = fours * MIRNET_DOT_CHANNELS * MIRNET_FOUR;
  for (; fours > 0; --fours, weights += MIRNET_PAIR * MIRNET_DOT_CHANNELS) {
    for (int c = 0; c < MIRNET_DOT_CHANNELS; ++c, from += 3 * MIRNET_FOUR, weights += MIRNET_PAIR) {
      const uint32_t g0 = mirnet_load(from), g1 = mirnet_load(from + 4), g2 = mirnet_load(from + 8);
      int16_t *const odd = weights + MIRNET_PAIR * MIRNET_DOT_CHANNELS;
      expand_two(mirnet_even(g0), mirnet_even(g1), mirnet_even(g2), form, weights);
      expand_two(mirnet_odd(g0), mirnet_odd(g1), mirnet_odd(g2), form, odd);
    }
  }
  return from;
}

/* Up to two outputs of a channel; `m` has the first form's sum, and the others' behind it. */
static inline void two(const struct mirnet_channel *channel, const int32_t *m, int left, int depth, int8_t *out) {
  const int32_t m1 = m[MIRNET_DOT_SUMS], m2 = m[2 * MIRNET_DOT_SUMS];
  *out = mirnet_finish_twice(channel->bias + m[0] + m1 + m2, &channel->quick);
  if (left > 1) {
    out[depth] = mirnet_finish_twice(channel->bias + m1 - m2 - m[3 * MIRNET_DOT_SUMS], &channel->quick);
  }
}

void mirnet_conv_3_wide(const struct mirnet_conv_dsp *p, const struct mirnet_conv_row *row, const int16_t *weights,
                        const struct mirnet_channel *channels, int count, int8_t *out) {
  const int depth = p->conv.out.channels, form = p->columns * MIRNET_CHUNK;
  const int weights_form = p->conv.kernel_height * p->chunks * MIRNET_DOT_STEP;
  const int16_t *in = row->in;
  for (int left = p->conv.out.width; left > 0; left -= 4, in += 2 * MIRNET_CHUNK, out += 4 * depth) {
    int32_t sums[FORMS * MIRNET_DOT_SUMS];
    for (int k = 0; k < FORMS; ++k) {
      mirnet_dot(in + k * form, FORMS * form, weights + k * weights_form + row->skipped, row->run,
                 sums + k * MIRNET_DOT_SUMS);
    }
    for (int c = 0; c < count; ++c) {
      const struct mirnet_channel channel = channels[c];
      two(&channel, sums + c, left, depth, out + c);
      if (left > 2) {
        two(&channel, sums + MIRNET_DOT_CHANNELS + c, left - 2, depth, out + 2 * depth + c);
      }
    }
  }
}
