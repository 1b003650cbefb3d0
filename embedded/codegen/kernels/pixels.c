/* From the camera's bytes to the network's int8 input, and from its int8 output to the restored picture. */

#include "dsp.h"
#include "mirnet_pixels.h"

#define HALF_COLOUR (1 << 15) /* half of a level, where colours are integers of 1/65536 */

static inline uint8_t level(int32_t x) {
  return (uint8_t)mirnet_usat8(x);
}

/* What the colour of two neighbours adds to their brightness, ITU-R BT.601 over the full range of a byte. */
struct colour {
  int32_t red, green, blue;
};

static struct colour colour_of(const uint8_t *pair) {
  const int32_t u = pair[1] - 128;
  const int32_t v = pair[3] - 128;
  struct colour found;
  found.red = (91881 * v + HALF_COLOUR) >> 16;
  found.green = (-22554 * u - 46802 * v + HALF_COLOUR) >> 16;
  found.blue = (116130 * u + HALF_COLOUR) >> 16;
  return found;
}

/* Where row y of the picture lies in a tensor after space-to-depth: the channels of a position are stem x stem pixels,
   so `stem` pixels of the row lie side by side, and the next begin `jump` elements after their end. */
struct depth_row {
  int32_t begin;
  int jump;
};

static struct depth_row depth_row(const struct mirnet_pixels *p, int y) {
  const int side = p->stem * 3, square = p->stem * side; /* elements of a row of a square, and of all of it */
  struct depth_row found;
  found.begin = (int32_t)(y / p->stem) * (p->columns / p->stem) * square + (y % p->stem) * side;
  found.jump = square - side;
  return found;
}

void mirnet_to_input(const struct mirnet_pixels *p, const uint8_t *frame, int8_t *out) {
  const int8_t *const levels = p->levels;
  const int columns = p->columns, stem = p->stem;
  for (int y = 0; y < p->rows; ++y, frame += columns * 2) {
    const struct depth_row row = depth_row(p, y);
    struct colour colour = {0, 0, 0}; /* of the pair */
    int8_t *pixel = out + row.begin;
    for (int x = 0, left = stem; x < columns; ++x, pixel += 3) {
      const int32_t luma = frame[2 * x];
      if (x % 2 == 0) {
        colour = colour_of(frame + 2 * x);
      }
      pixel[0] = levels[level(luma + colour.red)];
      pixel[1] = levels[level(luma + colour.green)];
      pixel[2] = levels[level(luma + colour.blue)];
      if (--left == 0) {
        left = stem;
        pixel += row.jump;
      }
    }
  }
}

/* The restored value of one byte of a pixel; `residual` is the network's output for it. */
static uint8_t restored(const struct mirnet_pixels *p, int32_t value, int residual) {
  return level((p->base[level(value)] + p->residual[residual + 128] + HALF_COLOUR) >> 16); /* from 1/65536 of a level */
}

void mirnet_to_picture(const struct mirnet_pixels *p, const uint8_t *frame, const int8_t *residual, int y, uint8_t *rgb) {
  const struct depth_row row = depth_row(p, y);
  const int columns = p->columns, stem = p->stem;
  const int8_t *pixel = residual + row.begin;
  struct colour colour = {0, 0, 0};
  frame += (int32_t)y * columns * 2;
  for (int x = 0, left = stem; x < columns; ++x, pixel += 3, rgb += 3) {
    const int32_t luma = frame[2 * x];
    if (x % 2 == 0) {
      colour = colour_of(frame + 2 * x);
    }
    rgb[0] = restored(p, luma + colour.red, pixel[0]);
    rgb[1] = restored(p, luma + colour.green, pixel[1]);
    rgb[2] = restored(p, luma + colour.blue, pixel[2]);
    if (--left == 0) {
      left = stem;
      pixel += row.jump;
    }
  }
}
