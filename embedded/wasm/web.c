/* What a page calls: from a frame of the camera, or from a picture, to the restored picture. */

#include "mirnet_restore.c" /* whole, for its tables */

static uint8_t frame[MIRNET_FRAME_BYTES];                  /* Y U Y V */
static uint8_t picture[MIRNET_ROWS * MIRNET_ROW_BYTES];    /* R G B */

MIRNET_TO_PAGE("frame") uint8_t *web_frame(void) {
  return frame;
}

MIRNET_TO_PAGE("picture") uint8_t *web_picture(void) {
  return picture;
}

MIRNET_TO_PAGE("input") int8_t *web_input(void) {
  return mirnet_arena + MIRNET_INPUT;
}

static void keep(int y, const uint8_t *rgb, void *context) {
  uint8_t *const row = (uint8_t *)context + y * MIRNET_ROW_BYTES;
  for (int k = 0; k < MIRNET_ROW_BYTES; ++k) {
    row[k] = rgb[k];
  }
}

/* As on the board: `picture` from `frame`. */
MIRNET_TO_PAGE("restore") void web_restore(void) {
  mirnet_restore(frame, keep, picture);
}

/* Where a byte of the picture lies in a tensor after space-to-depth. */
static int32_t folded(int y, int k) {
  const int side = pixels.stem * 3;
  const int32_t square = (int32_t)(y / pixels.stem) * (MIRNET_ROW_BYTES / side) + k / side;
  return (square * pixels.stem + y % pixels.stem) * side + k % side;
}

/* The same for a frame of another format, whose picture is given: `picture` from `picture`. */
MIRNET_TO_PAGE("restore_picture") void web_restore_picture(void) {
  for (int y = 0; y < MIRNET_ROWS; ++y) {
    for (int k = 0; k < MIRNET_ROW_BYTES; ++k) {
      mirnet_arena[MIRNET_INPUT + folded(y, k)] = levels[picture[y * MIRNET_ROW_BYTES + k]];
    }
  }
  mirnet_run();
  for (int y = 0; y < MIRNET_ROWS; ++y) {
    for (int k = 0; k < MIRNET_ROW_BYTES; ++k) {
      uint8_t *const byte = picture + y * MIRNET_ROW_BYTES + k;
      const int32_t sum = base[*byte] + residual[mirnet_arena[MIRNET_OUTPUT + folded(y, k)] + 128];
      const int32_t level = (sum + (1 << 15)) >> 16; /* from 1/65536 of a level */
      *byte = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
  }
}
