/* Convolution: every output element is a weighted sum over a window of the input and all of its channels. */

#include "finish.h"
#include "mirnet_kernels.h"

/* The sum for output channel `channel` at the window whose upper left corner is (top, left) of the input. */
static int32_t window_sum(const struct mirnet_conv *p, const int8_t *in, int channel, int top, int left) {
  const int depth = p->in.channels;
  const int8_t *weights = p->weights + channel * p->kernel_height * p->kernel_width * depth;
  int32_t sum = p->bias[channel];
  for (int i = 0; i < p->kernel_height; ++i) {
    const int y = top + i;
    if (y < 0 || y >= p->in.height) {
      continue;
    }
    for (int j = 0; j < p->kernel_width; ++j) {
      const int x = left + j;
      if (x < 0 || x >= p->in.width) {
        continue;
      }
      const int8_t *pixel = in + (y * p->in.width + x) * depth;
      const int8_t *weight = weights + (i * p->kernel_width + j) * depth;
      for (int c = 0; c < depth; ++c) {
        sum += (pixel[c] - p->in_zero_point) * weight[c];
      }
    }
  }
  return sum;
}

void mirnet_conv_2d(const struct mirnet_conv *p, const int8_t *in, int8_t *out) {
  for (int y = 0; y < p->out.height; ++y) {
    for (int x = 0; x < p->out.width; ++x) {
      for (int c = 0; c < p->out.channels; ++c) {
        const int32_t sum = window_sum(p, in, c, y * p->stride - p->top, x * p->stride - p->left);
        *out++ = mirnet_finish(sum, p->multiplier[c], p->shift[c], &p->to);
      }
    }
  }
}
