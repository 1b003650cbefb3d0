#include "board_camera.h"

#include "board_core.h"
#include <Arduino_OV767X.h>

#include "board_watch.h"

/* The library takes 1 or 5 here and nothing else: its loop is too slow for more. At 5 interrupts are off for 0.4 s at
 * most, and for 2 s at 1, in which USB gets no answer; 1 would expose for longer, and be less noisy in the dark. */
#define FRAMES_A_SECOND 5
#define FRAME_BYTES (160 * 120 * 2)

/* The library's `begin` waits for 1 s and sends some 200 registers, half a millisecond each. A frame takes two frames'
 * time at most: one to wait for its beginning. */
#define START_MS 8000u
#define FRAME_MS 3000u
#define SETTLE_MS 1000u /* five frames' time: automatic exposure and white balance need a few, and no LED shines meanwhile */
#define LOOK_MS 1000u
#define ROWS_LOOKED_AT 60u

static bool started;

const char *board_camera_start(void) {
    int worked;
    if (board_watch_fired()) /* only the camera is watched */
        return "the camera stopped answering last time, and the watchdog restarted the board: check the camera's "
               "wires, then press the reset button";
    if (started)
        return NULL;
    board_watch_arm(BOARD_CAMERA_START, START_MS);
    /* Three arguments, in 0.0.2 as in the library's head. There a fourth may name the OV7675; left out, it is driven
     * as an OV7670, as 0.0.2 always does. Not so with it: the head's window for the OV7675 has 88 rows at QQVGA, and
     * `readFrame` waits for 120. */
    worked = Camera.begin(QQVGA, YUV422, FRAMES_A_SECOND);
    board_watch_disarm();
    if (!worked)
        return "no camera answers: check that it sits firmly in the shield, power off and on, and try again; "
               "the test pattern works without one";
    if (Camera.width() * Camera.height() * Camera.bytesPerPixel() != FRAME_BYTES)
        return "the camera's library gives frames of another size: install Arduino_OV767X 0.0.2";
    started = true;
    return NULL;
}

/* What is wrong with the three lines that the library will wait for: vertical and horizontal sync, pixel clock. It finds
 * a camera that has come loose before that hangs us. Rows come a hundred times as often as frames. */
static const char *trouble_with_lines(void) {
    const unsigned long begin = millis();
    unsigned seen = 0, frames = 0, rows = 0;
    bool vsync = true, href = true;
    while ((seen != 63u || frames + rows < ROWS_LOOKED_AT) && millis() - begin < LOOK_MS) {
        const bool vsync_before = vsync, href_before = href;
        vsync = digitalRead(OV7670_VSYNC) != LOW;
        href = digitalRead(OV7670_HREF) != LOW;
        frames += vsync && !vsync_before;
        rows += href && !href_before;
        seen |= (vsync ? 1u : 2u) | (href ? 4u : 8u) | (digitalRead(OV7670_PLK) ? 16u : 32u);
    }
    if (seen != 63u)
        return "the camera's sync lines stand still: check its wires (VSYNC D8, HREF A1, PCLK A0), then press the "
               "reset button";
    return frames > rows ? "the camera's wires VSYNC and HREF are exchanged: VSYNC belongs to D8, HREF to A1" : NULL;
}

const char *board_camera_capture(uint8_t *frame) {
    const char *trouble;
    delay(SETTLE_MS);
    trouble = trouble_with_lines();
    if (trouble != NULL)
        return trouble;
    board_watch_arm(BOARD_CAMERA_FRAME, FRAME_MS);
    Camera.readFrame(frame);
    board_watch_disarm();
    return NULL;
}

const char *board_camera_test_pattern(uint8_t *frame) {
    const char *trouble;
    Camera.testPattern();
    trouble = board_camera_capture(frame);
    Camera.noTestPattern();
    return trouble;
}
