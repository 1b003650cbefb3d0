/* Operators that only move elements. */

#include "dsp.h"
#include "mirnet_kernels.h"

static void copy(const int8_t *from, int size, int8_t *to) {
  int k = 0;
  for (; k + 4 <= size; k += 4) {
    mirnet_store(to + k, mirnet_load(from + k));
  }
  for (; k < size; ++k) {
    to[k] = from[k];
  }
}

void mirnet_scatter(int rows, int size, int stride, const int8_t *in, int8_t *out) {
  for (int row = 0; row < rows; ++row) {
    copy(in + row * size, size, out + row * stride);
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
      const int position = reflected(y, p->in.height) * p->in.width + reflected(x, p->in.width);
      copy(in + position * p->in.channels, p->in.channels, out);
      out += p->in.channels;
    }
  }
}
