#include "mirnet_commands.h"

#define TICKS_A_PACKET ((size_t)64)
enum { TICKS_HEAD = 8, HELLO_HEAD = 2 + MIRNET_HASH_SIZE + 1 };

/* A run of the network: the context of the callback that takes its rows. */
typedef struct {
    mirnet_board *board;
    uint16_t sequence;
    uint32_t crc;     /* of the rows so far */
    uint32_t sending; /* microseconds that they took on the line, not counted for the network */
} run;

/* These two are C's strlen and memcpy: without <string.h> this compiles where there is no C library, too. */
static size_t text_length(const char *text, size_t most) {
    size_t length = 0;
    while (length < most && text[length] != '\0')
        length++;
    return length;
}

static void copy(uint8_t *to, const uint8_t *from, size_t count) {
    size_t k;
    for (k = 0; k < count; k++)
        to[k] = from[k];
}

static void answer(mirnet_board *board, uint8_t kind, uint16_t sequence, const uint8_t *head, size_t head_length,
                   const uint8_t *payload, size_t length) {
    (void)mirnet_send(board->call.write, board->call.context, kind, sequence, head, head_length, payload, length);
}

/* Every answer ends with DONE or with ERROR. The CRC is that of all rows that were in it. */
static void done(mirnet_board *board, uint16_t sequence, uint32_t crc) {
    uint8_t bytes[4];
    mirnet_put_u32(bytes, crc);
    answer(board, MIRNET_DONE, sequence, bytes, sizeof bytes, NULL, 0);
}

static void tell(mirnet_board *board, uint8_t kind, uint16_t sequence, const char *text) {
    answer(board, kind, sequence, (const uint8_t *)text, text_length(text, MIRNET_PAYLOAD_MAX), NULL, 0);
}

static void send_row(mirnet_board *board, uint8_t kind, uint16_t sequence, int y, const uint8_t *row, size_t length) {
    uint8_t number[2];
    mirnet_put_u16(number, (uint16_t)y);
    answer(board, kind, sequence, number, sizeof number, row, length);
}

static void hello(mirnet_board *board, uint16_t sequence) {
    uint8_t head[HELLO_HEAD];
    mirnet_put_u16(head, MIRNET_VERSION);
    copy(head + 2, board->model_hash, MIRNET_HASH_SIZE);
    head[2 + MIRNET_HASH_SIZE] = board->format;
    answer(board, MIRNET_INFO, sequence, head, sizeof head, (const uint8_t *)board->name,
           text_length(board->name, MIRNET_PAYLOAD_MAX - HELLO_HEAD));
    done(board, sequence, 0);
}

static void capture(mirnet_board *board, uint16_t sequence) {
    const char *trouble;
    answer(board, MIRNET_STARTED, sequence, NULL, 0, NULL, 0); /* a camera may take a second for a frame */
    trouble = board->call.capture(board->frame, board->call.context);
    if (trouble != NULL)
        tell(board, MIRNET_ERROR, sequence, trouble);
    else
        done(board, sequence, 0);
}

/* Brightness and both colours rise slowly: `pattern_frame` in embedded/camera/frame_bytes.py has the same formula. */
static void pattern(mirnet_board *board, uint16_t sequence) {
    uint8_t *byte = board->frame;
    int x, y;
    for (y = 0; y < MIRNET_ROWS; y++) {
        for (x = 0; x < MIRNET_COLUMNS; x++) {
            *byte++ = (uint8_t)(x + y / 2);
            *byte++ = (uint8_t)(x % 2 == 0 ? 48 + x : 68 + y);
        }
    }
    done(board, sequence, 0);
}

static void put_row(mirnet_board *board, const mirnet_message *request) {
    const uint8_t *row = request->payload + 2;
    size_t y;
    if (request->length != 2 + MIRNET_FRAME_ROW_BYTES || mirnet_u16(request->payload) >= MIRNET_ROWS) {
        tell(board, MIRNET_ERROR, request->sequence, "a row needs its number, 0 to 119, and 320 bytes");
        return;
    }
    y = mirnet_u16(request->payload);
    copy(board->frame + y * MIRNET_FRAME_ROW_BYTES, row, MIRNET_FRAME_ROW_BYTES);
    done(board, request->sequence, mirnet_crc32(0, row, MIRNET_FRAME_ROW_BYTES));
}

static void get_frame(mirnet_board *board, uint16_t sequence) {
    int y;
    for (y = 0; y < MIRNET_ROWS; y++)
        send_row(board, MIRNET_FRAME_ROW, sequence, y, board->frame + y * MIRNET_FRAME_ROW_BYTES,
                 MIRNET_FRAME_ROW_BYTES);
    done(board, sequence, mirnet_crc32(0, board->frame, MIRNET_FRAME_BYTES));
}

static void take_row(int y, const uint8_t *rgb, void *context) {
    run *now = (run *)context;
    mirnet_board *board = now->board;
    const uint32_t before = board->call.clock_us(board->call.context);
    send_row(board, MIRNET_PICTURE_ROW, now->sequence, y, rgb, MIRNET_PICTURE_ROW_BYTES);
    now->crc = mirnet_crc32(now->crc, rgb, MIRNET_PICTURE_ROW_BYTES);
    now->sending += board->call.clock_us(board->call.context) - before;
}

static void restore(mirnet_board *board, const mirnet_message *request) {
    uint32_t before;
    run now;
    if (request->length != 4 ||
        mirnet_u32(request->payload) != mirnet_crc32(0, board->frame, MIRNET_FRAME_BYTES)) {
        tell(board, MIRNET_ERROR, request->sequence,
             "another frame is in the memory than the one to restore: was the reset button pressed? Begin again");
        return;
    }
    answer(board, MIRNET_STARTED, request->sequence, NULL, 0, NULL, 0); /* the network takes seconds */
    now.board = board;
    now.sequence = request->sequence;
    now.crc = 0;
    now.sending = 0;
    before = board->call.clock_us(board->call.context);
    board->call.restore(board->frame, take_row, &now);
    board->restore_us = board->call.clock_us(board->call.context) - before - now.sending;
    board->has_run = true;
    done(board, now.sequence, now.crc);
}

static void timings(mirnet_board *board, uint16_t sequence) {
    uint8_t bytes[TICKS_HEAD + TICKS_A_PACKET * 4];
    const uint32_t *ticks = NULL;
    uint32_t ticks_per_second = 0;
    size_t total = 0, first, k, count;
    if (!board->has_run) {
        tell(board, MIRNET_ERROR, sequence, "nothing has been restored yet: there are no timings");
        return;
    }
    if (board->call.timings != NULL)
        ticks = board->call.timings(&total, &ticks_per_second, board->call.context);
    if (total == 0) { /* no clock per operator: the network as a whole */
        ticks = &board->restore_us;
        ticks_per_second = 1000000;
        total = 1;
    }
    for (first = 0; first < total; first += count) {
        count = total - first < TICKS_A_PACKET ? total - first : TICKS_A_PACKET;
        mirnet_put_u16(bytes, (uint16_t)first);
        mirnet_put_u16(bytes + 2, (uint16_t)total);
        mirnet_put_u32(bytes + 4, ticks_per_second);
        for (k = 0; k < count; k++)
            mirnet_put_u32(bytes + TICKS_HEAD + 4 * k, ticks[first + k]);
        answer(board, MIRNET_TICKS, sequence, bytes, TICKS_HEAD + 4 * count, NULL, 0);
    }
    done(board, sequence, 0);
}

static void memory(mirnet_board *board, uint16_t sequence) {
    mirnet_memory now = {MIRNET_UNKNOWN, MIRNET_UNKNOWN, MIRNET_UNKNOWN, MIRNET_UNKNOWN, MIRNET_UNKNOWN};
    uint8_t bytes[20];
    board->call.memory(&now, board->call.context);
    mirnet_put_u32(bytes, now.arena);
    mirnet_put_u32(bytes + 4, now.stack_peak);
    mirnet_put_u32(bytes + 8, now.free_heap);
    mirnet_put_u32(bytes + 12, now.cache_hits);
    mirnet_put_u32(bytes + 16, now.cache_misses);
    answer(board, MIRNET_REPORT, sequence, bytes, sizeof bytes, NULL, 0);
    done(board, sequence, 0);
}

void mirnet_board_start(mirnet_board *board, const mirnet_callbacks *call, const char *name,
                        const uint8_t *model_hash, uint8_t format, uint8_t *frame) {
    board->call = *call;
    board->name = name;
    copy(board->model_hash, model_hash, MIRNET_HASH_SIZE);
    board->format = format;
    board->frame = frame;
    board->has_run = false;
    board->restore_us = 0;
    mirnet_parser_start(&board->parser);
}

void mirnet_board_feed(mirnet_board *board, uint8_t byte) {
    mirnet_message request;
    if (!mirnet_parser_feed(&board->parser, byte, &request))
        return;
    switch (request.kind) {
    case MIRNET_HELLO: hello(board, request.sequence); break;
    case MIRNET_CAPTURE: capture(board, request.sequence); break;
    case MIRNET_PATTERN: pattern(board, request.sequence); break;
    case MIRNET_PUT_ROW: put_row(board, &request); break;
    case MIRNET_GET_FRAME: get_frame(board, request.sequence); break;
    case MIRNET_RESTORE: restore(board, &request); break;
    case MIRNET_TIMINGS: timings(board, request.sequence); break;
    case MIRNET_MEMORY: memory(board, request.sequence); break;
    default: tell(board, MIRNET_ERROR, request.sequence, "this sketch does not know that request: upload the newest");
    }
}

void mirnet_board_log(mirnet_board *board, const char *text) { tell(board, MIRNET_LOG, 0, text); }
