#include "board_memory.h"

#include "board_core.h"
#include <cmsis_os2.h>
#include <platform/mbed_stats.h>

#include "mirnet_network.h"

/* The core's operating system is built with its statistics on: it fills each stack with a pattern when a thread starts
 * and keeps an account of the heap. Where a number is 0, it does not. */
void board_memory_report(mirnet_memory *memory, void *context) {
    const osThreadId_t thread = osThreadGetId();
    const uint32_t size = osThreadGetStackSize(thread), space = osThreadGetStackSpace(thread);
    mbed_stats_heap_t heap;
    (void)context;
    mbed_stats_heap_get(&heap);
    memory->arena = MIRNET_ARENA_BYTES;
    if (space > 0)
        memory->stack_peak = size - space;
    if (heap.reserved_size > 0)
        memory->free_heap = heap.reserved_size - heap.current_size - heap.overhead_size;
}
