/* Cycle counter for each operator of the network.
 *
 * The Cortex-M4 counts its own cycles (DWT, "Cycle Count Register" of the ARMv7-M Architecture Reference Manual), 64 of
 * them a microsecond here. The network's C has a macro before its first operator and one after each; this file
 * defines them, and mirnet_network.c includes it. What interrupts do meanwhile, USB above all, counts too.
 */
#ifndef BOARD_CLOCK_H
#define BOARD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define MIRNET_BEFORE board_clock_start();
#define MIRNET_AFTER(tensor, address, size) board_clock_lap();

#ifdef __cplusplus
extern "C" {
#endif

/* Starts the counter; once, before anything else here. */
void board_clock_begin(void);

/* The first operator begins now. */
void board_clock_start(void);

/* An operator has ended, and the next one begins. */
void board_clock_lap(void);

/* Cycles of each operator in the last run: for `mirnet_callbacks.timings`. */
const uint32_t *board_clock_laps(size_t *count, uint32_t *ticks_per_second, void *context);

/* Cycles a second, counted against the microseconds of the Arduino core: for `mirnet_callbacks.clock_rate`. */
uint32_t board_clock_rate(void *context);

#ifdef __cplusplus
}
#endif

#endif
