/* Operators that only move numbers. */

#include <string.h>

#include "mirnet_kernels.h"

void mirnet_scatter(int rows, int size, int stride, const int8_t *in, int8_t *out) {
  for (int row = 0; row < rows; ++row) {
    memcpy(out + row * stride, in + row * size, (size_t)size);
  }
}

void mirnet_gather(const struct mirnet_gather *p, const int8_t *in, int8_t *out) {
  for (int a = 0; a < p->shape[0]; ++a) {
    for (int b = 0; b < p->shape[1]; ++b) {
      for (int c = 0; c < p->shape[2]; ++c) {
        const int8_t *from = in + a * p->step[0] + b * p->step[1] + c * p->step[2];
        for (int d = 0; d < p->shape[3]; ++d) {
          *out++ = from[d * p->step[3]];
        }
      }
    }
  }
}

/* 0 1 2 3 with two in front and two behind: 2 1 | 0 1 2 3 | 2 1. */
static int reflected(int k, int size) {
  return k < 0 ? -k : k >= size ? 2 * size - 2 - k : k;
}

void mirnet_mirror_pad(const struct mirnet_mirror *p, const int8_t *in, int8_t *out) {
  for (int y = -p->top; y < p->in.height + p->bottom; ++y) {
    for (int x = -p->left; x < p->in.width + p->right; ++x) {
      const int place = reflected(y, p->in.height) * p->in.width + reflected(x, p->in.width);
      memcpy(out, in + place * p->in.channels, (size_t)p->in.channels);
      out += p->in.channels;
    }
  }
}
