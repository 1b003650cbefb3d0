/* What the two ways of `conv_2d_dsp.c` have in common. */

#ifndef MIRNET_CONV_DSP_H
#define MIRNET_CONV_DSP_H

#include "dot_dsp.h"
#include "finish_dsp.h"
#include "mirnet_kernels.h"

enum {
  MIRNET_FOUR = 4, /* numbers that are unpacked together: a b c d become a c b d */
  MIRNET_PAIR = 2
};

/* A row of windows in the unpacked input. */
struct mirnet_conv_row {
  const int16_t *in; /* its first row that is inside of the input */
  int skipped;       /* weights of the rows above it */
  int run;           /* weights of the rows that are inside */
};

/* An output channel. */
struct mirnet_channel {
  int32_t bias; /* twice */
  struct mirnet_quick quick;
};

/* Each is there for both ways. unpack: a row of the input, to where its chunks lie. expand: the weights of three output
   channels, `fours` of each; returns where the next ones begin. The last: a row of the output, for `count` channels. */
void mirnet_unpack_rows(const struct mirnet_conv_dsp *p, const int8_t *in, int16_t *row);
void mirnet_unpack_3_wide(const struct mirnet_conv_dsp *p, const int8_t *in, int16_t *row);
const int8_t *mirnet_expand_rows(const int8_t *from, int fours, int16_t *weights);
const int8_t *mirnet_expand_3_wide(const int8_t *from, int fours, int16_t *weights);
void mirnet_conv_rows(const struct mirnet_conv_dsp *p, const struct mirnet_conv_row *row, const int16_t *weights,
                      const struct mirnet_channel *channels, int count, int8_t *out);
void mirnet_conv_3_wide(const struct mirnet_conv_dsp *p, const struct mirnet_conv_row *row, const int16_t *weights,
                        const struct mirnet_channel *channels, int count, int8_t *out);

/* Four bytes of a row of `size`, from `offset` on, of which some are outside: there, the zero point. */
uint32_t mirnet_four_at_edge(const int8_t *row, int size, int offset, int32_t zero_point);

static inline uint32_t mirnet_four(const int8_t *row, int size, int offset, int32_t zero_point) {
  const int inside = offset >= 0 && offset + MIRNET_FOUR <= size;
  return inside ? mirnet_load(row + offset) : mirnet_four_at_edge(row, size, offset, zero_point);
}

#endif
