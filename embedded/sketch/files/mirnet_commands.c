#include "mirnet_commands.h"

#define TICKS_A_PACKET ((size_t)64)
enum {
    TICKS_HEAD = 8,
    HELLO_HEAD = 2 + MIRNET_HASH_SIZE + 1,
    REPORT_SIZE = 20,
    WIRING_SIZE = 8, /* a spare byte with it */
    FINDINGS_HEAD = WIRING_SIZE + MIRNET_HASH_SIZE + 4 + 4 + REPORT_SIZE
};

static const mirnet_wiring nothing_known = {MIRNET_NOT_SEEN, MIRNET_YUYV, MIRNET_FRAME_ROW_BYTES, 0, false};

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

void mirnet_board_look_at_camera(mirnet_board *board) {
    board->wiring = nothing_known;
    board->trouble = board->call.test_pattern == NULL ? "its test pattern is read in YUV 4:2:2 only"
                                                      : board->call.test_pattern(board->frame, board->call.context);
    if (board->trouble == NULL)
        board->wiring = mirnet_look_at_bars(board->frame);
}

static void capture(mirnet_board *board, uint16_t sequence) {
    const char *trouble;
    answer(board, MIRNET_STARTED, sequence, NULL, 0, NULL, 0); /* a camera may take a second for a frame */
    if (board->trouble != NULL) /* it may have been connected since */
        mirnet_board_look_at_camera(board);
    trouble = board->call.capture(board->frame, board->call.context);
    if (trouble != NULL) {
        tell(board, MIRNET_ERROR, sequence, trouble);
    } else {
        mirnet_straighten(board->frame, &board->wiring);
        done(board, sequence, 0);
    }
}

/* Brightness and both colours rise slowly: `pattern_frame` in embedded/camera/frame_bytes.py has the same formula. */
static void make_pattern(mirnet_board *board) {
    uint8_t *byte = board->frame;
    int x, y;
    for (y = 0; y < MIRNET_ROWS; y++) {
        for (x = 0; x < MIRNET_COLUMNS; x++) {
            *byte++ = (uint8_t)(x + y / 2);
            *byte++ = (uint8_t)(x % 2 == 0 ? 48 + x : 68 + y);
        }
    }
}

static void pattern(mirnet_board *board, uint16_t sequence) {
    make_pattern(board);
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

static void put_memory(mirnet_board *board, uint8_t *bytes) {
    mirnet_memory now = {MIRNET_UNKNOWN, MIRNET_UNKNOWN, MIRNET_UNKNOWN, MIRNET_UNKNOWN, MIRNET_UNKNOWN};
    board->call.memory(&now, board->call.context);
    mirnet_put_u32(bytes, now.arena);
    mirnet_put_u32(bytes + 4, now.stack_peak);
    mirnet_put_u32(bytes + 8, now.free_heap);
    mirnet_put_u32(bytes + 12, now.cache_hits);
    mirnet_put_u32(bytes + 16, now.cache_misses);
}

static void memory(mirnet_board *board, uint16_t sequence) {
    uint8_t bytes[REPORT_SIZE];
    put_memory(board, bytes);
    answer(board, MIRNET_REPORT, sequence, bytes, sizeof bytes, NULL, 0);
    done(board, sequence, 0);
}

static void tell_findings(mirnet_board *board, uint16_t sequence, uint32_t clock_rate, uint32_t crc) {
    uint8_t bytes[FINDINGS_HEAD], *rest = bytes + WIRING_SIZE + MIRNET_HASH_SIZE;
    const char *trouble = board->trouble == NULL ? "" : board->trouble;
    bytes[0] = board->wiring.picture;
    bytes[1] = board->wiring.order;
    mirnet_put_u16(bytes + 2, (uint16_t)board->wiring.row_bytes);
    mirnet_put_u16(bytes + 4, (uint16_t)board->wiring.moved);
    bytes[6] = board->wiring.bits_exchanged ? 1 : 0;
    bytes[7] = 0;
    copy(bytes + WIRING_SIZE, board->model_hash, MIRNET_HASH_SIZE);
    mirnet_put_u32(rest, clock_rate);
    mirnet_put_u32(rest + 4, crc);
    put_memory(board, rest + 8);
    answer(board, MIRNET_FINDINGS, sequence, bytes, sizeof bytes, (const uint8_t *)trouble,
           text_length(trouble, MIRNET_PAYLOAD_MAX - FINDINGS_HEAD));
}

static void check_row(int y, const uint8_t *rgb, void *context) {
    uint32_t *crc = (uint32_t *)context;
    (void)y;
    *crc = mirnet_crc32(*crc, rgb, MIRNET_PICTURE_ROW_BYTES);
}

/* The camera first; then the pattern goes through the network, so that caches and stack have been used when they are
 * asked. The frame that was in the memory is lost. */
static void self_test(mirnet_board *board, uint16_t sequence) {
    uint32_t crc = 0, clock_rate = MIRNET_UNKNOWN;
    answer(board, MIRNET_STARTED, sequence, NULL, 0, NULL, 0);
    mirnet_board_look_at_camera(board);
    make_pattern(board);
    board->call.restore(board->frame, check_row, &crc);
    if (board->call.clock_rate != NULL)
        clock_rate = board->call.clock_rate(board->call.context);
    tell_findings(board, sequence, clock_rate, crc);
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
    board->wiring = nothing_known;
    board->trouble = "it has not been looked at yet";
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
    case MIRNET_SELF_TEST: self_test(board, request.sequence); break;
    default: tell(board, MIRNET_ERROR, request.sequence, "this sketch does not know that request: upload the newest");
    }
}

void mirnet_board_log(mirnet_board *board, const char *text) { tell(board, MIRNET_LOG, 0, text); }

void mirnet_board_tell_wiring(mirnet_board *board) { tell_findings(board, 0, MIRNET_UNKNOWN, MIRNET_UNKNOWN); }
