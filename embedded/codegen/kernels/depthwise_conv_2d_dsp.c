/* Depthwise convolution, four channels at a time: they lie side by side, so one word has one element of each. */

#include "finish_dsp.h"

/* The part of a window that is inside the input. */
struct window {
  int rows, columns;
  const int8_t *in, *weights; /* its first element and weight, for channel 0 */
};

static struct window clip(const struct mirnet_conv *p, const int8_t *in, int top, int left) {
  const int i = top < 0 ? -top : 0, j = left < 0 ? -left : 0;
  const int below = p->in.height - top, right = p->in.width - left;
  struct window found;
  found.rows = (below < p->kernel_height ? below : p->kernel_height) - i;
  found.columns = (right < p->kernel_width ? right : p->kernel_width) - j;
  found.in = in + ((top + i) * p->in.width + left + j) * p->in.channels;
  found.weights = p->weights + (i * p->kernel_width + j) * p->in.channels;
  return found;
}

/* Adds the products of channels c to c + 3 to their sums. */
static void four(const struct mirnet_conv *p, const struct window *w, int c, uint32_t zero_points, int32_t *sums) {
  const int depth = p->in.channels;
  int32_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
  for (int i = 0; i < w->rows; ++i) {
    const int8_t *pixel = w->in + i * p->in.width * depth + c;
    const int8_t *weight = w->weights + i * p->kernel_width * depth + c;
    for (int j = 0; j < w->columns; ++j, pixel += depth, weight += depth) {
      const uint32_t bytes = mirnet_load(pixel), weights = mirnet_load(weight);
      const uint32_t even = mirnet_ssub16(mirnet_even(bytes), zero_points), even_weights = mirnet_even(weights);
      const uint32_t odd = mirnet_ssub16(mirnet_odd(bytes), zero_points), odd_weights = mirnet_odd(weights);
      s0 = mirnet_smlabb(even, even_weights, s0);
      s1 = mirnet_smlabb(odd, odd_weights, s1);
      s2 = mirnet_smlatt(even, even_weights, s2);
      s3 = mirnet_smlatt(odd, odd_weights, s3);
    }
  }
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

/* One of the channels that are left over. */
static int32_t single(const struct mirnet_conv *p, const struct window *w, int c) {
  const int depth = p->in.channels;
  int32_t sum = p->bias[c];
  for (int i = 0; i < w->rows; ++i) {
    for (int j = 0; j < w->columns; ++j) {
      const int32_t number = w->in[(i * p->in.width + j) * depth + c] - p->in_zero_point;
      sum += number * w->weights[(i * p->kernel_width + j) * depth + c];
    }
  }
  return sum;
}

static inline int8_t finish(const struct mirnet_conv *p, int32_t sum, int c) {
  const struct mirnet_quick quick = mirnet_make_quick(p->multiplier[c], p->shift[c], p->to.zero_point);
  return mirnet_finish_twice(2 * sum, &quick);
}

void mirnet_depthwise_conv_2d_dsp(const struct mirnet_conv *p, const int8_t *in, int8_t *out) {
  const int channels = p->out.channels, whole = channels & ~3;
  const uint32_t zero_point = (uint32_t)p->in_zero_point & 0xFFFFu, zero_points = zero_point | zero_point << 16;
  for (int y = 0; y < p->out.height; ++y) {
    for (int x = 0; x < p->out.width; ++x) {
      const struct window w = clip(p, in, y * p->stride - p->top, x * p->stride - p->left);
      for (int c = 0; c < whole; c += 4) {
        int32_t sums[4] = {p->bias[c], p->bias[c + 1], p->bias[c + 2], p->bias[c + 3]};
        four(p, &w, c, zero_points, sums);
        for (int k = 0; k < 4; ++k) {
          *out++ = finish(p, sums[k], c + k);
        }
      }
      for (int c = whole; c < channels; ++c) {
        *out++ = finish(p, single(p, &w, c), c);
      }
    }
  }
}
