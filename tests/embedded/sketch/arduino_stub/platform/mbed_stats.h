/* What the sketch uses of the core's account of the heap. */
#ifndef STUB_MBED_STATS_H
#define STUB_MBED_STATS_H

#include <stdint.h>

typedef struct {
    uint32_t current_size;
    uint32_t reserved_size;
    uint32_t overhead_size;
} mbed_stats_heap_t;

extern "C" void mbed_stats_heap_get(mbed_stats_heap_t *stats);

#endif
