/* Mean and maximum along one axis. */

#include "finish.h"
#include "mirnet_kernels.h"

void mirnet_mean(const struct mirnet_reduce *p, const int8_t *in, int8_t *out) {
  for (int o = 0; o < p->outer; ++o) {
    for (int i = 0; i < p->inner; ++i) {
      int32_t sum = -p->in_zero_point * p->count;
      for (int k = 0; k < p->count; ++k) {
        sum += in[(o * p->count + k) * p->inner + i];
      }
      out[o * p->inner + i] = mirnet_finish(sum, p->multiplier, p->shift, &p->to);
    }
  }
}

void mirnet_reduce_max(const struct mirnet_reduce *p, const int8_t *in, int8_t *out) {
  for (int o = 0; o < p->outer; ++o) {
    for (int i = 0; i < p->inner; ++i) {
      int8_t most = INT8_MIN;
      for (int k = 0; k < p->count; ++k) {
        const int8_t value = in[(o * p->count + k) * p->inner + i];
        most = value > most ? value : most;
      }
      out[o * p->inner + i] = most;
    }
  }
}
