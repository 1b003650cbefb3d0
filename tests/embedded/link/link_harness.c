/* What the tests here drive of the board's C code, as a shared library.
 * Everything that is written to lies between two guards: a byte behind its end is noticed. */
#include <string.h>

#include "mirnet_commands.h"

#define GUARD 64
#define DAMAGED ((size_t)-1)

typedef struct {
    uint8_t *bytes;
    size_t count, capacity;
} sink;

static void append(const uint8_t *bytes, size_t count, void *context) {
    sink *to = (sink *)context;
    size_t k;
    for (k = 0; k < count && to->count < to->capacity; k++)
        to->bytes[to->count++] = bytes[k];
}

static bool intact(const uint8_t *guard) {
    int k;
    for (k = 0; k < GUARD; k++)
        if (guard[k] != 0xa5)
            return false;
    return true;
}

size_t harness_encode(uint8_t kind, uint16_t sequence, const uint8_t *payload, size_t cut, size_t length, uint8_t *out,
                      size_t capacity);
size_t harness_parse(const uint8_t *line, size_t count, uint8_t *out, size_t capacity);
size_t harness_board(const uint8_t *line, size_t count, uint8_t *out, size_t capacity);
void harness_start(void);
size_t harness_feed(const uint8_t *line, size_t count, uint8_t *out, size_t capacity);
const uint8_t *harness_frame(void);

/* The packet of a message whose payload comes in two parts. */
size_t harness_encode(uint8_t kind, uint16_t sequence, const uint8_t *payload, size_t cut, size_t length, uint8_t *out,
                      size_t capacity) {
    sink to = {NULL, 0, 0};
    to.bytes = out;
    to.capacity = capacity;
    return mirnet_send(append, &to, kind, sequence, payload, cut, payload + cut, length - cut) ? to.count : 0;
}

/* The messages in a stream, one behind the other: kind, sequence, length, payload. */
size_t harness_parse(const uint8_t *line, size_t count, uint8_t *out, size_t capacity) {
    static struct {
        uint8_t before[GUARD];
        mirnet_parser parser;
        uint8_t behind[GUARD];
    } here;
    sink to = {NULL, 0, 0};
    size_t k;
    to.bytes = out;
    to.capacity = capacity;
    memset(&here, 0xa5, sizeof here);
    mirnet_parser_start(&here.parser);
    for (k = 0; k < count; k++) {
        mirnet_message message;
        if (mirnet_parser_feed(&here.parser, line[k], &message)) {
            uint8_t head[5];
            head[0] = message.kind;
            mirnet_put_u16(head + 1, message.sequence);
            mirnet_put_u16(head + 3, message.length);
            append(head, sizeof head, &to);
            append(message.payload, message.length, &to);
        }
    }
    return intact(here.before) && intact(here.behind) ? to.count : DAMAGED;
}

static const char *no_camera(uint8_t *frame, void *context) {
    (void)frame;
    (void)context;
    return "no camera";
}

static void restore(const uint8_t *frame, mirnet_row row, void *context) {
    uint8_t rgb[MIRNET_PICTURE_ROW_BYTES];
    int y;
    for (y = 0; y < MIRNET_ROWS; y++) {
        memset(rgb, frame[y * MIRNET_FRAME_ROW_BYTES], sizeof rgb);
        row(y, rgb, context);
    }
}

static uint32_t now_us;

/* Ten microseconds more at each look. */
static uint32_t clock_us(void *context) {
    (void)context;
    return now_us += 10;
}

static void no_memory(mirnet_memory *memory, void *context) {
    (void)context;
    memory->arena = 1;
}

static struct {
    uint8_t before[GUARD];
    uint8_t frame[MIRNET_FRAME_BYTES];
    uint8_t between[GUARD];
    mirnet_board board;
    uint8_t behind[GUARD];
} here;
static sink line_out;

/* Switches a board on. */
void harness_start(void) {
    static const uint8_t hash[MIRNET_HASH_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
    mirnet_callbacks call = {append, no_camera, NULL, restore, clock_us, NULL, no_memory, NULL, NULL};
    call.context = &line_out;
    now_us = 0xffffff00u; /* it wraps around soon */
    memset(&here, 0xa5, sizeof here);
    memset(here.frame, 0, sizeof here.frame);
    mirnet_board_start(&here.board, &call, "harness", hash, MIRNET_RGB565, here.frame);
}

/* What it answers to the next bytes. */
size_t harness_feed(const uint8_t *line, size_t count, uint8_t *out, size_t capacity) {
    size_t k;
    line_out.bytes = out;
    line_out.count = 0;
    line_out.capacity = capacity;
    for (k = 0; k < count; k++)
        mirnet_board_feed(&here.board, line[k]);
    return intact(here.before) && intact(here.between) && intact(here.behind) ? line_out.count : DAMAGED;
}

/* What is in its memory. */
const uint8_t *harness_frame(void) { return here.frame; }

/* What a board answers to a stream. */
size_t harness_board(const uint8_t *line, size_t count, uint8_t *out, size_t capacity) {
    harness_start();
    return harness_feed(line, count, out, capacity);
}
