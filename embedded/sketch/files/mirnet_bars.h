/* What a frame of the camera's test pattern tells: byte order, and which wires are wrong.
 *
 *     white | yellow | cyan | green | magenta | red | blue | black     each 20 pixels wide, all rows alike
 *
 * The reasons, and the same in Python: embedded/camera/colour_bars.py. Integers only, and 1 KB of stack.
 */
#ifndef MIRNET_BARS_H
#define MIRNET_BARS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a frame shows; what follows in `mirnet_wiring` is known where it shows bars only. */
enum {
    MIRNET_BARS = 0,
    MIRNET_CONSTANT = 1,
    MIRNET_NOISE = 2,   /* no two rows are alike */
    MIRNET_NO_BARS = 3, /* rows are alike, but the pattern is not on */
    MIRNET_NOT_SEEN = 255
};

/* Byte orders of two neighbouring pixels: Y, Cb = U, Cr = V. */
enum { MIRNET_YUYV = 0, MIRNET_YVYU = 1, MIRNET_UYVY = 2, MIRNET_VYUY = 3 };

typedef struct {
    uint8_t picture;
    uint8_t order;
    int16_t row_bytes; /* 320 if none gets lost */
    int16_t moved;     /* pixels that the bars are moved to the right, -80 to 79 */
    bool bits_exchanged; /* of the data wires D0 and D1 */
} mirnet_wiring;

/* Looks at a frame of 160 x 120 x 2 bytes. */
mirnet_wiring mirnet_look_at_bars(const uint8_t *frame);

/* Whether something is wrong that no program can undo. */
bool mirnet_is_miswired(const mirnet_wiring *wiring);

/* Makes Y U Y V of a frame, and exchanges D0 and D1 back if they are exchanged. */
void mirnet_straighten(uint8_t *frame, const mirnet_wiring *wiring);

#ifdef __cplusplus
}
#endif

#endif
