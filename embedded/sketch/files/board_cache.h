/* Instruction cache: 2 KB between the processor and the flash, which it reads code from.
 *
 * It is off after a reset (nRF52840 Product Specification, chapter NVMC, register ICACHECNF); some boot loaders switch
 * it on, others do not, and the Arduino core leaves it as it is. Without it nearly every instruction waits for the
 * flash. Weights, too, lie in flash, but reading data does not go through it.
 */
#ifndef BOARD_CACHE_H
#define BOARD_CACHE_H

#include "mirnet_commands.h"

/* Switches it on, and its counters; once, before anything else here. */
void board_cache_begin(void);

/* Around what is counted, less than a minute: the counters have 32 bits. */
void board_cache_start(void);
void board_cache_stop(void);

/* Adds hits and misses of what was counted last to a report; leaves them unknown if nothing was. */
void board_cache_report(mirnet_memory *memory);

#endif
