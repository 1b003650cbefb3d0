/* Convolution with SMLAD: two multiply-accumulates an instruction.

The rows of the input that a window touches are kept in a ring buffer as int16 minus the zero point, so that each is
unpacked once and no window has to check for the edge. Four neighbours a b c d lie there as a c b d: what SXTB16 makes
of four bytes of weights. Two positions and two output channels are computed side by side: a word of weights serves two
positions, a word of input two channels.

                         one row of the window: kernel width x channels elements
    ring row 0   . . . . [a c b d  a c b d  a c b d] . . .
    ring row 1   . . . . [                         ] . . .
    weights      [a b c d  a b c d  a b c d][  row 1  ] ...
*/

#include "finish_dsp.h"

/* Sums at two positions, one and two, for two channels, v and w. */
struct sums {
  int32_t one_v, two_v, one_w, two_w;
};

/* Adds `fours` groups of four products to each sum. Not inlined: its fourteen variables just fit into the processor's
   registers. */
static __attribute__((noinline)) void dot(const int16_t *one, const int16_t *two, const int8_t *v, const int8_t *w,
                                          int fours, struct sums *sums) {
  struct sums s = *sums;
  const int8_t *const end = v + 4 * fours;
  do {
    uint32_t v_even = mirnet_load(v), w_odd = mirnet_load(w);
    const uint32_t v_odd = mirnet_odd(v_even), w_even = mirnet_even(w_odd);
    v_even = mirnet_even(v_even), w_odd = mirnet_odd(w_odd);
    uint32_t pair = mirnet_load(one);
    s.one_v = mirnet_smlad(pair, v_even, s.one_v);
    s.one_w = mirnet_smlad(pair, w_even, s.one_w);
    pair = mirnet_load(one + 2);
    s.one_v = mirnet_smlad(pair, v_odd, s.one_v);
    s.one_w = mirnet_smlad(pair, w_odd, s.one_w);
    pair = mirnet_load(two);
    s.two_v = mirnet_smlad(pair, v_even, s.two_v);
    s.two_w = mirnet_smlad(pair, w_even, s.two_w);
    pair = mirnet_load(two + 2);
    s.two_v = mirnet_smlad(pair, v_odd, s.two_v);
    s.two_w = mirnet_smlad(pair, w_odd, s.two_w);
    one += 4, two += 4, v += 4, w += 4;
  } while (v != end);
  *sums = s;
}

/* One row of the input into the ring. */
static void unpack(const struct mirnet_conv_dsp *p, const int8_t *in, int16_t *ring) {
  const int channels = p->conv.in.channels, whole = channels / 4;
  const uint32_t zero_point = (uint32_t)p->conv.in_zero_point & 0xFFFFu;
  const uint32_t zero_points = zero_point | zero_point << 16;
  ring += p->conv.left * p->depth; /* what is left of it, and right, stays zero */
  for (int x = 0; x < p->conv.in.width; ++x) {
    for (int k = 0; k < whole; ++k, in += 4, ring += 4) {
      const uint32_t bytes = mirnet_load(in);
      mirnet_store(ring, mirnet_ssub16(mirnet_even(bytes), zero_points));
      mirnet_store(ring + 2, mirnet_ssub16(mirnet_odd(bytes), zero_points));
    }
    for (int k = 0; k < channels % 4; ++k) { /* positions 0, 2, 1 of the last four; the rest stays zero */
      ring[k == 1 ? 2 : k == 2 ? 1 : 0] = (int16_t)(*in++ - p->conv.in_zero_point);
    }
    ring += channels % 4 ? 4 : 0;
  }
}

/* The row of the output whose windows begin in row `top` of the input. */
static void one_row(const struct mirnet_conv_dsp *p, const int16_t *ring, int top, int8_t *out) {
  const struct mirnet_conv *conv = &p->conv;
  const int first = top < 0 ? -top : 0; /* of the window's rows that are inside */
  const int left_over = conv->in.height - top;
  const int end = left_over < conv->kernel_height ? left_over : conv->kernel_height;
  const int run = conv->kernel_width * p->depth, channels = conv->out.channels;
  for (int x = 0; x < conv->out.width; x += 2) {
    const int second = x + 1 < conv->out.width; /* the last position of an odd row is computed twice */
    for (int c = 0; c < channels; c += 2) {
      const int d = c + 1 < channels ? c + 1 : c;
      const int8_t *v = conv->weights + (c * conv->kernel_height + first) * run;
      const int8_t *w = conv->weights + (d * conv->kernel_height + first) * run;
      struct sums s = {conv->bias[c], conv->bias[c], conv->bias[d], conv->bias[d]};
      for (int i = first; i < end; ++i, v += run, w += run) {
        const int16_t *one = ring + ((top + i) % conv->kernel_height) * p->row + x * conv->stride * p->depth;
        dot(one, second ? one + conv->stride * p->depth : one, v, w, run / 4, &s);
      }
      out[x * channels + c] = mirnet_finish_conv(p, s.one_v, c);
      out[x * channels + d] = mirnet_finish_conv(p, s.one_w, d);
      if (second) {
        out[(x + 1) * channels + c] = mirnet_finish_conv(p, s.two_v, c);
        out[(x + 1) * channels + d] = mirnet_finish_conv(p, s.two_w, d);
      }
    }
  }
}

void mirnet_conv_2d_dsp(const struct mirnet_conv_dsp *p, const int8_t *in, int8_t *out, int16_t *ring) {
  const struct mirnet_conv *conv = &p->conv;
  int known = 0; /* rows of the input that have been unpacked */
  for (int k = 0; k < conv->kernel_height * p->row; ++k) {
    ring[k] = 0;
  }
  for (int y = 0; y < conv->out.height; ++y) {
    const int top = y * conv->stride - conv->top;
    for (; known < top + conv->kernel_height && known < conv->in.height; ++known) {
      const int8_t *row = in + known * conv->in.width * conv->in.channels;
      unpack(p, row, ring + (known % conv->kernel_height) * p->row);
    }
    one_row(p, ring, top, out + y * conv->out.width * conv->out.channels);
  }
}
