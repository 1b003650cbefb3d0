/* The operators of an int8 network, one function each.

Tensors are (height, width, channels), the channels of a position side by side. An integer q stands for the value
scale * (q - zero point). Constants, such as shapes, weights and multipliers, come in a struct in flash; `in` and `out`
lie in RAM. No function keeps anything between calls, or uses a heap. */

#ifndef MIRNET_KERNELS_H
#define MIRNET_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mirnet_shape {
  int height;
  int width;
  int channels;
};

/* Requantization of a sum to int8: rescaled, shifted to the zero point, clipped (by a ReLU at the zero point). */
struct mirnet_output {
  int32_t zero_point;
  int32_t low;
  int32_t high;
};

/* Convolution and depthwise convolution. One multiplier and one shift for each output channel. What lies outside of the
   input counts as zero. */
struct mirnet_conv {
  struct mirnet_shape in;
  struct mirnet_shape out;
  int kernel_height;
  int kernel_width;
  int stride;
  int top;  /* rows of padding above */
  int left; /* columns of padding on the left */
  int32_t in_zero_point;
  struct mirnet_output to;
  const int8_t *weights; /* convolution: (out channels, kernel height, kernel width, in channels); depthwise: (kernel
                            height, kernel width, channels) */
  const int32_t *bias;
  const int32_t *multiplier;
  const int8_t *shift;
};

void mirnet_conv_2d(const struct mirnet_conv *p, const int8_t *in, int8_t *out);
void mirnet_depthwise_conv_2d(const struct mirnet_conv *p, const int8_t *in, int8_t *out);

/* The same with DSP instructions, where each shift is from -22 to -1, `to.low` is -128, and no sum can reach 2^28. The
   weights of a convolution lie in another order, filled up with zeros: for each 3 output channels, each row of the
   window and each 4 numbers of a row, 4 weights of each channel; in windows 3 wide that have 4 forms, 3 times 4. */
struct mirnet_conv_dsp {
  struct mirnet_conv conv;
  int forms;   /* 1, or 4: see conv_2d_dsp.c, for the others, too */
  int chunks;  /* of a row of the window */
  int columns; /* of a row of the input, unpacked */
  int rows;    /* of the output for which input is unpacked at a time */
};

void mirnet_conv_2d_dsp(const struct mirnet_conv_dsp *p, const int8_t *in, int8_t *out, int16_t *scratch);
void mirnet_depthwise_conv_2d_dsp(const struct mirnet_conv *p, const int8_t *in, int8_t *out);

/* Two tensors, the second broadcast. `b` may have one element for each channel, or one for each position: its strides
   are given. */
struct mirnet_pair {
  int positions;
  int channels;
  int b_position; /* elements of b to the next position */
  int b_channel;  /* and to the next channel */
};

/* Sum: both sides are first brought to one fine scale, by a multiplication each. */
struct mirnet_add {
  struct mirnet_pair pair;
  int32_t a_zero_point, a_multiplier;
  int a_shift;
  int32_t b_zero_point, b_multiplier;
  int b_shift;
  int32_t multiplier;
  int shift;
  struct mirnet_output to;
};

/* Product. */
struct mirnet_mul {
  struct mirnet_pair pair;
  int32_t a_zero_point, b_zero_point;
  int32_t multiplier;
  int shift;
  struct mirnet_output to;
};

/* Both may write over `a`, or over `b` if it is as large. */
void mirnet_add(const struct mirnet_add *p, const int8_t *a, const int8_t *b, int8_t *out);
void mirnet_mul(const struct mirnet_mul *p, const int8_t *a, const int8_t *b, int8_t *out);

/* The same with DSP instructions, where the shift is from -22 to -1, `to.low` is -128 and channels are a multiple of 4;
   a sum of two tensors of one size. `tables` has 512 elements. */
void mirnet_add_dsp(const struct mirnet_add *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t *tables);
void mirnet_mul_dsp(const struct mirnet_mul *p, const int8_t *a, const int8_t *b, int8_t *out);

/* Mean and maximum of a tensor of shape (outer, count, inner), over the axis in the middle. */
struct mirnet_reduce {
  int outer;
  int count;
  int inner;
  int32_t in_zero_point; /* from here on: of the mean only */
  int32_t multiplier;
  int shift;
  struct mirnet_output to;
};

void mirnet_mean(const struct mirnet_reduce *p, const int8_t *in, int8_t *out);
void mirnet_reduce_max(const struct mirnet_reduce *p, const int8_t *in, int8_t *out);

/* A function of one int8, by a table of its 256 values. */
void mirnet_lookup(const int8_t *table, int32_t size, const int8_t *in, int8_t *out);

/* Softmax over each `depth` elements in a row. `exponential[d]` is exp(-d * scale) times 2^31; -1 where it is too small
   to count. */
struct mirnet_softmax {
  int rows;
  int depth;
  const int32_t *exponential;
};

void mirnet_softmax(const struct mirnet_softmax *p, const int8_t *in, int8_t *out);

/* Bilinear resizing, centres of pixels on centres of pixels. `y_scale` and `x_scale`: input steps for an output step,
   times 1024. */
struct mirnet_resize {
  struct mirnet_shape in;
  struct mirnet_shape out;
  int32_t y_scale;
  int32_t x_scale;
};

void mirnet_resize_bilinear(const struct mirnet_resize *p, const int8_t *in, int8_t *out);

/* Padding by reflection: the row next to the edge comes first. */
struct mirnet_mirror {
  struct mirnet_shape in;
  int top, bottom, left, right;
};

void mirnet_mirror_pad(const struct mirnet_mirror *p, const int8_t *in, int8_t *out);

/* Transposition and slicing: `out`, in order, is read from `in` in steps of these sizes. */
struct mirnet_gather {
  int shape[4]; /* of the output */
  int step[4];
};

void mirnet_gather(const struct mirnet_gather *p, const int8_t *in, int8_t *out);

/* One part of a concatenation: `rows` pieces of `size` bytes, each `stride` bytes further in the output. */
void mirnet_scatter(int rows, int size, int stride, const int8_t *in, int8_t *out);

#ifdef __cplusplus
}
#endif

#endif
