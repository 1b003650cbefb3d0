/* The board's answers to requests: hello, capture, pattern, put row, get frame, restore, timings, memory,
 * self-test.
 * The messages are described in embedded/link/messages.py, their payloads in embedded/link/payloads.py.
 *
 * Everything that differs between an Arduino and a PC is a callback, so that the same file runs on both:
 *
 *     mirnet_callbacks callbacks = {write, capture, test_pattern, mirnet_restore, clock_us, timings, memory,
 *                                  clock_rate, NULL};
 *     static uint8_t frame[MIRNET_FRAME_BYTES];
 *     static mirnet_board board;
 *     mirnet_board_start(&board, &callbacks, "Nano 33 BLE Sense", hash, MIRNET_YUV422, frame);
 *     mirnet_board_look_at_camera(&board);
 *     while (Serial.available()) mirnet_board_feed(&board, (uint8_t)Serial.read());
 */
#ifndef MIRNET_COMMANDS_H
#define MIRNET_COMMANDS_H

#include "mirnet_bars.h"
#include "mirnet_link.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MIRNET_VERSION = 1, /* of the messages */
    MIRNET_HASH_SIZE = 8,
    MIRNET_ROWS = 120,
    MIRNET_COLUMNS = 160,
    MIRNET_FRAME_ROW_BYTES = MIRNET_COLUMNS * 2,
    MIRNET_PICTURE_ROW_BYTES = MIRNET_COLUMNS * 3,
    MIRNET_FRAME_BYTES = MIRNET_ROWS * MIRNET_FRAME_ROW_BYTES
};

/* How the camera's bytes make a picture. */
enum { MIRNET_YUV422 = 0 /* Y U Y V, whatever order the camera sends */, MIRNET_RGB565 = 1 /* high byte first */ };

#define MIRNET_UNKNOWN 0xffffffffu /* a value of the memory report that is not known */

typedef struct {
    uint32_t arena;      /* bytes that the network's tensors share */
    uint32_t stack_peak; /* bytes of stack that were in use at most since the start */
    uint32_t free_heap;  /* bytes */
    uint32_t cache_hits; /* of instruction fetches in the last run of the network */
    uint32_t cache_misses;
} mirnet_memory;

/* Takes one row of the restored picture: 160 pixels, red green blue. */
typedef void (*mirnet_row)(int y, const uint8_t *rgb, void *context);

typedef struct {
    mirnet_write write;
    /* Fills the frame from the camera. NULL if it worked, else a sentence for the user. */
    const char *(*capture)(uint8_t *frame, void *context);
    /* The same, of its test pattern. NULL where frames are not in YUV 4:2:2: then the camera is not looked at. */
    const char *(*test_pattern)(uint8_t *frame, void *context);
    /* The network: calls `row` for y = 0 .. 119, with the context that it was given. */
    void (*restore)(const uint8_t *frame, mirnet_row row, void *row_context);
    /* Microseconds since any moment; may wrap around. */
    uint32_t (*clock_us)(void *context);
    /* Time of each operator in the last run, and its unit. NULL without a clock per operator: then the whole run is
     * measured by `clock_us`. */
    const uint32_t *(*timings)(size_t *count, uint32_t *ticks_per_second, void *context);
    void (*memory)(mirnet_memory *memory, void *context);
    /* Cycles a second of the processor, counted now. NULL where that cannot be told. */
    uint32_t (*clock_rate)(void *context);
    void *context; /* for all of them but `restore` */
} mirnet_callbacks;

typedef struct {
    mirnet_callbacks call;
    const char *name;
    uint8_t model_hash[MIRNET_HASH_SIZE];
    uint8_t format;
    uint8_t *frame;      /* MIRNET_FRAME_BYTES; what is in it is restored, wherever it came from */
    bool has_run;        /* so that there are timings to tell */
    uint32_t restore_us; /* of the last run, without what sending took */
    mirnet_wiring wiring; /* of the camera */
    const char *trouble;  /* why nothing is known of it; NULL if something is */
    mirnet_parser parser;
} mirnet_board;

/* `name`, the model's hash (the first 8 bytes of the SHA-256 of its .tflite file) and `frame` have to stay where they
 * are as long as the board is used; only the hash is copied. */
void mirnet_board_start(mirnet_board *board, const mirnet_callbacks *call, const char *name,
                        const uint8_t *model_hash, uint8_t format, uint8_t *frame);

/* Looks at the camera's test pattern, and keeps what it tells: frames that the camera takes from now on become Y U Y V.
 * Once at the start; it is done again before a photo if the camera did not answer, and in a self-test. */
void mirnet_board_look_at_camera(mirnet_board *board);

/* Takes one byte of the line; if it completes a request, does what is asked and answers. */
void mirnet_board_feed(mirnet_board *board, uint8_t byte);

/* Sends a line of text that the computer shows; a long one is truncated. Never in the middle of a packet: not from
 * an interrupt. */
void mirnet_board_log(mirnet_board *board, const char *text);

/* Tells what is known of the camera, on the same terms. */
void mirnet_board_tell_wiring(mirnet_board *board);

#ifdef __cplusplus
}
#endif

#endif
