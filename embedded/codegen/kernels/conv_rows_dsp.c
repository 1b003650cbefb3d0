/* Convolution with windows of any size: a column has a row of its window side by side, filled up to a multiple of 12.

    input, two channels     a0 a1  b0 b1  c0 c1  d0 d1 ...
    columns, 5 wide         0 0 0 0 a0 a1 b0 b1 c0 c1 . .   0 0 a0 a1 b0 b1 c0 c1 d0 d1 . .   ...

The numbers that fill it up are those that follow, times weights of zero. */

#include "conv_dsp.h"

void mirnet_unpack_rows(const struct mirnet_conv_dsp *p, const int8_t *in, int16_t *row) {
  const int channels = p->conv.in.channels, size = p->conv.in.width * channels;
  const int window = p->conv.kernel_width * channels;
  const uint32_t zero_points = mirnet_both(p->conv.in_zero_point);
  for (int k = 0; k < window; k += MIRNET_FOUR) {
    int16_t *to = row + k / MIRNET_CHUNK * p->columns * MIRNET_CHUNK + k % MIRNET_CHUNK;
    int offset = k - p->conv.left * channels;
    for (int x = 0; x < p->columns; ++x, offset += p->conv.stride * channels, to += MIRNET_CHUNK) {
      const uint32_t bytes = mirnet_four(in, size, offset, p->conv.in_zero_point);
      mirnet_store(to, mirnet_ssub16(mirnet_even(bytes), zero_points));
      mirnet_store(to + MIRNET_PAIR, mirnet_ssub16(mirnet_odd(bytes), zero_points));
    }
  }
}

/* Twice the weights, since the requantization wants twice the sum. */
const int8_t *mirnet_expand_rows(const int8_t *from, int fours, int16_t *weights) {
  for (; fours > 0; --fours, weights += MIRNET_PAIR * MIRNET_DOT_CHANNELS) {
    for (int c = 0; c < MIRNET_DOT_CHANNELS; ++c, from += MIRNET_FOUR, weights += MIRNET_PAIR) {
      const uint32_t bytes = mirnet_load(from), even = mirnet_even(bytes), odd = mirnet_odd(bytes);
      mirnet_store(weights, mirnet_sadd16(even, even));
      mirnet_store(weights + MIRNET_PAIR * MIRNET_DOT_CHANNELS, mirnet_sadd16(odd, odd));
    }
  }
  return from;
}

void mirnet_conv_rows(const struct mirnet_conv_dsp *p, const struct mirnet_conv_row *row, const int16_t *weights,
                      const struct mirnet_channel *channels, int count, int8_t *out) {
  const int depth = p->conv.out.channels, chunk = p->columns * MIRNET_CHUNK;
  const int16_t *in = row->in;
  for (int left = p->conv.out.width; left > 0; left -= 2, in += 2 * MIRNET_CHUNK, out += 2 * depth) {
    int32_t sums[MIRNET_DOT_SUMS];
    mirnet_dot(in, chunk, weights + row->skipped, row->run, sums);
    for (int c = 0; c < count; ++c) {
      const struct mirnet_channel channel = channels[c];
      out[c] = mirnet_finish_twice(channel.bias + sums[c], &channel.quick);
      if (left > 1) {
        out[depth + c] = mirnet_finish_twice(channel.bias + sums[MIRNET_DOT_CHANNELS + c], &channel.quick);
      }
    }
  }
}
