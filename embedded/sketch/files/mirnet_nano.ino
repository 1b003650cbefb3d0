/* MIRNet on an Arduino Nano 33 BLE Sense: takes dark photos with the OV7675 and restores them.
 *
 * The computer asks over USB, the board answers; the messages are described in mirnet_commands.h and mirnet_link.h.
 *
 *     request            what happens                                      where
 *     hello              version, hash of the model                        mirnet_commands.c
 *     capture            the camera's next frame                           board_camera.cpp, watched by board_watch.cpp
 *     pattern, put row   a frame without the camera                        mirnet_commands.c
 *     restore            the network; rows are sent as they are finished   mirnet_network.c, mirnet_restore.c
 *     timings            cycles of each operator                           board_clock.cpp
 *     memory             arena, stack, heap, instruction cache             board_memory.cpp, board_cache.cpp
 *     self-test          all of it, and the camera's wires and byte order  mirnet_bars.c, at the start, too
 *
 * The LED's colours are in board_lights.h. Made by `mirnet sketch`: README.md says of which model.
 */
#include "board_core.h" /* first: it says so if this is another board or core */

#include "board_cache.h"
#include "board_camera.h"
#include "board_clock.h"
#include "board_lights.h"
#include "board_line.h"
#include "board_memory.h"
#include "board_watch.h"
#include "mirnet_commands.h" /* before mirnet_restore.h, which has some of its numbers as macros */
#include "mirnet_model.h"
#include "mirnet_restore.h"

/* The camera's frame. Not in the network's arena: the network computes the residual, so that the frame is needed to
 * the last row. */
static uint8_t frame[MIRNET_FRAME_BYTES] __attribute__((aligned(4)));

static const uint8_t model_hash[MIRNET_HASH_SIZE] = MIRNET_MODEL_HASH;
static mirnet_board board;
static bool failed; /* the last photo, or the camera's wires are wrong */

static void write_line(const uint8_t *bytes, size_t count, void *context) {
    const board_light before = board_lights_show(LIGHT_SENDING);
    board_line_write(bytes, count, context);
    board_lights_show(before);
}

static const char *photo(const char *(*take)(uint8_t *), uint8_t *into) {
    const board_light before = board_lights_show(LIGHT_STARTING);
    const char *trouble = board_camera_start();
    board_lights_show(LIGHT_EXPOSING);
    if (trouble == NULL)
        trouble = take(into);
    board_lights_show(before);
    return trouble;
}

static const char *capture(uint8_t *into, void *context) {
    const char *trouble = photo(board_camera_capture, into);
    (void)context;
    failed = trouble != NULL;
    return trouble;
}

static const char *test_pattern(uint8_t *into, void *context) {
    (void)context;
    return photo(board_camera_test_pattern, into);
}

static void restore(const uint8_t *from, mirnet_row row, void *row_context) {
    const board_light before = board_lights_show(LIGHT_COMPUTING);
    board_cache_start();
    mirnet_restore(from, row, row_context);
    board_cache_stop();
    failed = false;
    board_lights_show(before);
}

static void report_memory(mirnet_memory *memory, void *context) {
    board_memory_report(memory, context);
    board_cache_report(memory);
}

static uint32_t clock_us(void *context) {
    (void)context;
    return micros();
}

void setup() {
    const mirnet_callbacks call = {write_line,       capture,       test_pattern,     restore, clock_us,
                                   board_clock_laps, report_memory, board_clock_rate, NULL};
    board_cache_begin();
    board_watch_begin();
    board_lights_begin();
    board_clock_begin();
    mirnet_board_start(&board, &call, "Nano 33 BLE Sense", model_hash, MIRNET_YUV422, frame);
    mirnet_board_look_at_camera(&board);
    failed = board_watch_fired() || mirnet_is_miswired(&board.wiring);
}

void loop() {
    int byte;
    if (board_line_opened()) {
        mirnet_board_log(&board, board_watch_story());
        mirnet_board_tell_wiring(&board);
    }
    while ((byte = board_line_read()) >= 0)
        mirnet_board_feed(&board, (uint8_t)byte);
    board_lights_show(failed ? LIGHT_ERROR : LIGHT_IDLE);
    delay(1); /* the processor sleeps meanwhile */
}
