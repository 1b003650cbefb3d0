/* From the camera's bytes to the network's numbers, and from its numbers to the restored picture. */

#include "mirnet_pixels.h"

#define HALF_COLOUR (1 << 15) /* half of a level, where colours are whole numbers of 1/65536 */

static uint8_t level(int32_t x) {
  return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
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

/* A row of the folded tensor's numbers that belong to row y of the picture: squares of stem x stem pixels are one place,
   so `stem` pixels lie side by side, and the next begin `jump` numbers behind their end. */
struct folded_row {
  int32_t begin;
  int jump;
};

static struct folded_row folded_row(const struct mirnet_pixels *p, int y) {
  const int side = p->stem * 3, square = p->stem * side; /* numbers of a row of a square, and of all of it */
  struct folded_row found;
  found.begin = (int32_t)(y / p->stem) * (p->columns / p->stem) * square + (y % p->stem) * side;
  found.jump = square - side;
  return found;
}

void mirnet_fold(const struct mirnet_pixels *p, const uint8_t *frame, int8_t *out) {
  const int8_t *const levels = p->levels;
  for (int y = 0; y < p->rows; ++y, frame += p->columns * 2) {
    const struct folded_row row = folded_row(p, y);
    struct colour colour = {0, 0, 0}; /* of the pair */
    int8_t *place = out + row.begin;
    for (int x = 0, left = p->stem; x < p->columns; ++x, place += 3) {
      const int32_t luma = frame[2 * x];
      if (x % 2 == 0) {
        colour = colour_of(frame + 2 * x);
      }
      place[0] = levels[level(luma + colour.red)];
      place[1] = levels[level(luma + colour.green)];
      place[2] = levels[level(luma + colour.blue)];
      if (--left == 0) {
        left = p->stem;
        place += row.jump;
      }
    }
  }
}

/* The restored value of one byte of a pixel; `residual` is the network's output for it. */
static uint8_t restored(const struct mirnet_pixels *p, int32_t value, int residual) {
  return level((p->base[level(value)] + p->residual[residual + 128] + HALF_COLOUR) >> 16); /* from 1/65536 of a level */
}

void mirnet_unfold_row(const struct mirnet_pixels *p, const uint8_t *frame, const int8_t *residual, int y, uint8_t *rgb) {
  const struct folded_row row = folded_row(p, y);
  const int8_t *place = residual + row.begin;
  struct colour colour = {0, 0, 0};
  frame += (int32_t)y * p->columns * 2;
  for (int x = 0, left = p->stem; x < p->columns; ++x, place += 3, rgb += 3) {
    const int32_t luma = frame[2 * x];
    if (x % 2 == 0) {
      colour = colour_of(frame + 2 * x);
    }
    rgb[0] = restored(p, luma + colour.red, place[0]);
    rgb[1] = restored(p, luma + colour.green, place[1]);
    rgb[2] = restored(p, luma + colour.blue, place[2]);
    if (--left == 0) {
      left = p->stem;
      place += row.jump;
    }
  }
}
