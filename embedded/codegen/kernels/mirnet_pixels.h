/* From pixels to the network's input and from its output to pixels, by three tables of 256 entries. */

#ifndef MIRNET_PIXELS_H
#define MIRNET_PIXELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mirnet_pixels {
  int rows;
  int columns;
  int stem;                /* side of the squares of pixels that space-to-depth puts into channels */
  const int8_t *levels;    /* the network's input for each byte of a pixel */
  const int32_t *base;     /* the companded byte, to which the residual is added, in 1/65536 of a level */
  const int32_t *residual; /* the residual for each output of the network from -128 to 127, in the same unit */
};

/* The network's input for a frame of the camera, `rows` x `columns` x 2 bytes Y U Y V. */
void mirnet_to_input(const struct mirnet_pixels *p, const uint8_t *frame, int8_t *out);

/* Row y of the restored picture, `columns` x 3 bytes, from the frame and the network's output. */
void mirnet_to_picture(const struct mirnet_pixels *p, const uint8_t *frame, const int8_t *residual, int y, uint8_t *rgb);

#ifdef __cplusplus
}
#endif

#endif
