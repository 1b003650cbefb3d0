/* Pixels into the network and back, by three tables of 256 entries. */

#ifndef MIRNET_PIXELS_H
#define MIRNET_PIXELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mirnet_pixels {
  int rows;
  int columns;
  int stem;                /* squares of so many by so many pixels are one place of the network */
  const int8_t *levels;    /* the network's input for each byte of a pixel */
  const int32_t *base;     /* what the residual is added to, for each byte, in 1/65536 of a level */
  const int32_t *residual; /* what each output of the network adds, from -128 to 127, in the same unit */
};

/* The network's input for a frame of the camera, `rows` x `columns` x 2 bytes Y U Y V. */
void mirnet_fold(const struct mirnet_pixels *p, const uint8_t *frame, int8_t *out);

/* Row y of the restored picture, `columns` x 3 bytes, from the frame and the network's output. */
void mirnet_unfold_row(const struct mirnet_pixels *p, const uint8_t *frame, const int8_t *residual, int y, uint8_t *rgb);

#ifdef __cplusplus
}
#endif

#endif
