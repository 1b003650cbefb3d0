/* From the camera's bytes to the network's numbers, and from its numbers to the restored picture. */

#include "mirnet_pixels.h"

#define HALF_COLOUR (1 << 15) /* half of a level, where colours are whole numbers of 1/65536 */

static uint8_t level(int32_t x) {
  return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

/* The pixel in column x of a row Y U Y V, ITU-R BT.601 over the full range of a byte. */
static void pixel_of(const uint8_t *row, int x, uint8_t *rgb) {
  const uint8_t *pair = row + (x & ~1) * 2;
  const int32_t luma = pair[(x & 1) * 2];
  const int32_t u = pair[1] - 128;
  const int32_t v = pair[3] - 128;
  rgb[0] = level(luma + ((91881 * v + HALF_COLOUR) >> 16));
  rgb[1] = level(luma + ((-22554 * u - 46802 * v + HALF_COLOUR) >> 16));
  rgb[2] = level(luma + ((116130 * u + HALF_COLOUR) >> 16));
}

/* Where the three numbers of a pixel are in the folded tensor: squares of stem x stem pixels are one place. */
static int32_t folded_place(const struct mirnet_pixels *p, int y, int x) {
  const int32_t square = (int32_t)(y / p->stem) * (p->columns / p->stem) + x / p->stem;
  const int32_t inside = (int32_t)(y % p->stem) * p->stem + x % p->stem;
  return (square * p->stem * p->stem + inside) * 3;
}

void mirnet_fold(const struct mirnet_pixels *p, const uint8_t *frame, int8_t *out) {
  for (int y = 0; y < p->rows; ++y) {
    for (int x = 0; x < p->columns; ++x) {
      uint8_t rgb[3];
      int8_t *place = out + folded_place(p, y, x);
      pixel_of(frame + (int32_t)y * p->columns * 2, x, rgb);
      for (int c = 0; c < 3; ++c) {
        place[c] = p->levels[rgb[c]];
      }
    }
  }
}

void mirnet_unfold_row(const struct mirnet_pixels *p, const uint8_t *frame, const int8_t *residual, int y, uint8_t *rgb) {
  for (int x = 0; x < p->columns; ++x) {
    const int8_t *place = residual + folded_place(p, y, x);
    pixel_of(frame + (int32_t)y * p->columns * 2, x, rgb);
    for (int c = 0; c < 3; ++c) {
      const int32_t sum = p->base[rgb[c]] + p->residual[place[c] + 128]; /* in 1/65536 of a level */
      rgb[c] = level((sum + HALF_COLOUR) >> 16);
    }
    rgb += 3;
  }
}
