/* Depthwise convolution: a window for each channel by itself. In MIRNet it is the fixed blur before halving. */

#include "finish.h"
#include "mirnet_kernels.h"

static int32_t window_sum(const struct mirnet_conv *p, const int8_t *in, int channel, int top, int left) {
  const int depth = p->in.channels;
  int32_t sum = p->bias[channel];
  for (int i = 0; i < p->kernel_height; ++i) {
    const int y = top + i;
    if (y < 0 || y >= p->in.height) {
      continue;
    }
    for (int j = 0; j < p->kernel_width; ++j) {
      const int x = left + j;
      if (x >= 0 && x < p->in.width) {
        const int8_t weight = p->weights[(i * p->kernel_width + j) * depth + channel];
        sum += (in[(y * p->in.width + x) * depth + channel] - p->in_zero_point) * weight;
      }
    }
  }
  return sum;
}

void mirnet_depthwise_conv_2d(const struct mirnet_conv *p, const int8_t *in, int8_t *out) {
  for (int y = 0; y < p->out.height; ++y) {
    for (int x = 0; x < p->out.width; ++x) {
      for (int c = 0; c < p->out.channels; ++c) {
        const int32_t sum = window_sum(p, in, c, y * p->stride - p->top, x * p->stride - p->left);
        *out++ = mirnet_finish(sum, p->multiplier[c], p->shift[c], &p->to);
      }
    }
  }
}
