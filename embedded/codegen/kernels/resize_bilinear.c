/* Bilinear resizing: every output pixel is a mean of four neighbours, weighted by how near they are. */

#include "mirnet_kernels.h"

#define ONE 1024 /* positions and weights are integers of 1/1024 */

/* Where an output pixel lies in the input: between `before` and `after`, and how near to the second. */
struct position {
  int before;
  int after;
  int32_t weight;
};

static struct position locate(int k, int32_t scale, int size) {
  const int32_t scaled = k * scale + scale / 2 - ONE / 2; /* centres on centres */
  const int before = scaled / ONE;
  const int after = (scaled + ONE - 1) / ONE;
  struct position found;
  found.before = before > 0 ? before : 0;
  found.after = after < size - 1 ? after : size - 1;
  found.weight = scaled - ONE * found.before;
  return found;
}

void mirnet_resize_bilinear(const struct mirnet_resize *p, const int8_t *in, int8_t *out) {
  const int depth = p->in.channels;
  for (int i = 0; i < p->out.height; ++i) {
    const struct position y = locate(i, p->y_scale, p->in.height);
    for (int j = 0; j < p->out.width; ++j) {
      const struct position x = locate(j, p->x_scale, p->in.width);
      const int8_t *upper_left = in + (y.before * p->in.width + x.before) * depth;
      const int8_t *lower_left = in + (y.after * p->in.width + x.before) * depth;
      const int8_t *upper_right = in + (y.before * p->in.width + x.after) * depth;
      const int8_t *lower_right = in + (y.after * p->in.width + x.after) * depth;
      for (int c = 0; c < depth; ++c) {
        const int32_t left = upper_left[c] * (ONE - y.weight) + lower_left[c] * y.weight;
        const int32_t right = upper_right[c] * (ONE - y.weight) + lower_right[c] * y.weight;
        const int32_t sum = left * (ONE - x.weight) + right * x.weight;
        *out++ = (int8_t)((sum + (sum >> 31) + ONE * ONE / 2) >> 20); /* by ONE * ONE, halves away from zero */
      }
    }
  }
}
