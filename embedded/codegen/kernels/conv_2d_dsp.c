/* Convolution with SMLAD, two multiply-accumulates an instruction.

Weights and input are unpacked to int16 once each, in RAM: the weights of three output channels serve all rows at hand,
and no window has to check for the edge. A window lies there as chunks of 12 numbers for each of its rows, and dot
products are computed six at a time (`dot_dsp.h`): at two columns, for three output channels.

    rows      [row of the input][chunk][form][column][12]
    weights   [form][row of the window][chunk][6 pairs][3 output channels][2]

What a column and a form are, is told in `conv_rows_dsp.c` (any window: a row of it, side by side; one form) and in
`conv_3_wide_dsp.c` (windows 3 wide with a stride of 1: two outputs by four forms). */

#include "conv_dsp.h"

/* Where a row of windows begins in the unpacked input, and how many rows of the windows are inside. */
static struct mirnet_conv_row locate(const struct mirnet_conv_dsp *p, int y, int known, const int16_t *rows, int row) {
  const int top = y * p->conv.stride - p->conv.top, below = p->conv.in.height - top;
  const int first = top < 0 ? -top : 0, end = below < p->conv.kernel_height ? below : p->conv.kernel_height;
  struct mirnet_conv_row found;
  found.in = rows + (top + first - known) * row;
  found.skipped = first * p->chunks * MIRNET_DOT_STEP;
  found.run = (end - first) * p->chunks * MIRNET_DOT_STEP;
  return found;
}

/* The next output channels, up to three; returns how many. */
static int prepare(const struct mirnet_conv *p, int first, struct mirnet_channel *channels) {
  int count = 0;
  for (; count < MIRNET_DOT_CHANNELS && first + count < p->out.channels; ++count) {
    const int c = first + count;
    channels[count].bias = 2 * p->bias[c];
    channels[count].quick = mirnet_make_quick(p->multiplier[c], p->shift[c], p->to.zero_point);
  }
  return count;
}

uint32_t mirnet_four_at_edge(const int8_t *row, int size, int offset, int32_t zero_point) {
  uint32_t bytes = 0;
  for (int k = 0; k < MIRNET_FOUR; ++k) {
    const int place = offset + k;
    bytes |= ((uint32_t)(place >= 0 && place < size ? row[place] : zero_point) & 0xFFu) << 8 * k;
  }
  return bytes;
}

void mirnet_conv_2d_dsp(const struct mirnet_conv_dsp *p, const int8_t *in, int8_t *out, int16_t *scratch) {
  const struct mirnet_conv *conv = &p->conv;
  const int row = p->chunks * p->forms * p->columns * MIRNET_CHUNK;
  const int fours = conv->kernel_height * p->chunks * MIRNET_CHUNK / MIRNET_FOUR;
  int16_t *const rows = scratch + p->forms * fours * MIRNET_DOT_CHANNELS * MIRNET_FOUR;
  for (int begin = 0; begin < conv->out.height; begin += p->rows) {
    const int end = begin + p->rows < conv->out.height ? begin + p->rows : conv->out.height;
    const int top = begin * conv->stride - conv->top, known = top > 0 ? top : 0;
    const int bottom = (end - 1) * conv->stride - conv->top + conv->kernel_height;
    for (int y = known; y < bottom && y < conv->in.height; ++y) {
      const int8_t *from = in + y * conv->in.width * conv->in.channels;
      (p->forms == 1 ? mirnet_unpack_rows : mirnet_unpack_3_wide)(p, from, rows + (y - known) * row);
    }
    const int8_t *weights = conv->weights;
    for (int c = 0; c < conv->out.channels; c += MIRNET_DOT_CHANNELS) {
      struct mirnet_channel channels[MIRNET_DOT_CHANNELS];
      const int count = prepare(conv, c, channels);
      weights = (p->forms == 1 ? mirnet_expand_rows : mirnet_expand_3_wide)(weights, fours, scratch);
      for (int y = begin; y < end; ++y) {
        const struct mirnet_conv_row each = locate(p, y, known, rows, row);
        int8_t *to = out + y * conv->out.width * conv->out.channels + c;
        (p->forms == 1 ? mirnet_conv_rows : mirnet_conv_3_wide)(p, &each, scratch, channels, count, to);
      }
    }
  }
}
