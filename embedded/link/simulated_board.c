/* Host build of the firmware: the board's own C code on a PC, behind a file descriptor instead of USB.
 *
 *     simboard DESCRIPTOR NAME HASH FORMAT [FRAME PATTERN]
 *
 * DESCRIPTOR is open for both ways; HASH is 16 hexadecimal digits; FORMAT is MIRNET_YUV422 or MIRNET_RGB565; FRAME
 * and PATTERN are files of 38,400 bytes, read anew for each photo and for each one of the test pattern; without them
 * there is no camera. It ends when the line is closed.
 *
 * embedded/link/simulated_board.py compiles it with the network's sources. They define `mirnet_restore`, and with
 * -DMIRNET_HAS_TIMINGS also `mirnet_timings`; -DMIRNET_ARENA_BYTES=... goes into the memory report. With -DMIRNET_TIMED
 * they are those of embedded/codegen/generate.py, with the clock of this file around each operator.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mirnet_commands.h"

#ifdef __cplusplus
extern "C" {
#endif
void mirnet_restore(const uint8_t *frame, mirnet_row row, void *context);
#ifdef MIRNET_TIMED
#define MIRNET_HAS_TIMINGS
void simboard_start(void);
void simboard_lap(void);
#endif
#ifdef MIRNET_HAS_TIMINGS
const uint32_t *mirnet_timings(size_t *count, uint32_t *ticks_per_second);
#endif
#ifdef __cplusplus
}
#endif

#ifdef MIRNET_TIMED
#include "mirnet_network.h" /* how many operators there are, and how large the arena is */
#endif

#ifndef MIRNET_ARENA_BYTES
#define MIRNET_ARENA_BYTES MIRNET_UNKNOWN
#endif

typedef struct {
    int line;
    const char *frame_file, *pattern_file;
} pc;

static void wait_for(int line, short event) {
    struct pollfd file;
    file.fd = line;
    file.events = event;
    (void)poll(&file, 1, -1);
}

static void write_all(const uint8_t *bytes, size_t count, void *context) {
    const pc *here = (const pc *)context;
    while (count > 0) {
        const ssize_t taken = write(here->line, bytes, count);
        if (taken > 0) {
            bytes += taken;
            count -= (size_t)taken;
        } else if (errno == EAGAIN || errno == EINTR) {
            wait_for(here->line, POLLOUT);
        } else {
            exit(0);
        }
    }
}

static const char *read_frame(const char *name, uint8_t *frame) {
    FILE *file = name == NULL ? NULL : fopen(name, "rb");
    size_t count;
    if (file == NULL)
        return "this simulated board has no camera: give it a frame, or ask for the pattern";
    count = fread(frame, 1, MIRNET_FRAME_BYTES, file);
    fclose(file);
    return count == MIRNET_FRAME_BYTES ? NULL : "the frame of this simulated board has less than 38,400 bytes";
}

static const char *capture(uint8_t *frame, void *context) {
    return read_frame(((const pc *)context)->frame_file, frame);
}

static const char *test_pattern(uint8_t *frame, void *context) {
    return read_frame(((const pc *)context)->pattern_file, frame);
}

static uint32_t clock_us(void *context) {
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000000u + (uint32_t)(now.tv_nsec / 1000);
}

#ifdef MIRNET_TIMED
static uint32_t laps[MIRNET_OPERATORS];
static uint32_t lap_began;

/* Nanoseconds; they wrap around after 4 s, and no operator takes as long here. */
static uint32_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000000000u + (uint32_t)now.tv_nsec;
}

void simboard_start(void) { lap_began = clock_ns(); }

void simboard_lap(void) {
    laps[mirnet_step] = clock_ns() - lap_began;
    lap_began = clock_ns();
}

const uint32_t *mirnet_timings(size_t *count, uint32_t *ticks_per_second) {
    *count = MIRNET_OPERATORS;
    *ticks_per_second = 1000000000u;
    return laps;
}
#endif

static void memory(mirnet_memory *report, void *context) {
    (void)context;
    report->arena = MIRNET_ARENA_BYTES; /* stack and heap of a PC say nothing about a board */
}

#ifdef MIRNET_HAS_TIMINGS
static const uint32_t *timings(size_t *count, uint32_t *ticks_per_second, void *context) {
    (void)context;
    return mirnet_timings(count, ticks_per_second);
}
#endif

int main(int count, char **arguments) {
    static uint8_t frame[MIRNET_FRAME_BYTES];
    static mirnet_board board;
    mirnet_callbacks call = {write_all, capture, NULL, mirnet_restore, clock_us, NULL, memory, NULL, NULL};
    uint8_t hash[MIRNET_HASH_SIZE], bytes[4096];
    pc here;
    int k;
    if (count < 5 || strlen(arguments[3]) != 2 * sizeof hash) {
        fprintf(stderr, "simboard DESCRIPTOR NAME HASH FORMAT [FRAME PATTERN]\n");
        return 2;
    }
    here.line = atoi(arguments[1]);
    here.frame_file = count > 6 ? arguments[5] : NULL;
    here.pattern_file = count > 6 ? arguments[6] : NULL;
    call.context = &here;
#ifdef MIRNET_HAS_TIMINGS
    call.timings = timings;
#endif
    for (k = 0; k < MIRNET_HASH_SIZE; k++) {
        const char digits[3] = {arguments[3][2 * k], arguments[3][2 * k + 1], '\0'};
        hash[k] = (uint8_t)strtoul(digits, NULL, 16);
    }
    if (atoi(arguments[4]) == MIRNET_YUV422)
        call.test_pattern = test_pattern;
    mirnet_board_start(&board, &call, arguments[2], hash, (uint8_t)atoi(arguments[4]), frame);
    mirnet_board_look_at_camera(&board);
    mirnet_board_log(&board, "ready");
    mirnet_board_tell_wiring(&board);
    for (;;) {
        const ssize_t got = read(here.line, bytes, sizeof bytes);
        ssize_t at;
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return 0;
        if (got < 0)
            wait_for(here.line, POLLIN);
        for (at = 0; at < got; at++)
            mirnet_board_feed(&board, bytes[at]);
    }
}
