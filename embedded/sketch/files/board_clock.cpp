#include "board_clock.h"

#include "board_core.h"
#include <nrf.h>

#include "mirnet_network.h"

#define COUNTED_US 31250u /* 1/32 s */

static uint32_t laps[MIRNET_OPERATORS];
static uint32_t lap_began;

void board_clock_begin(void) {
    CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk; /* without this the counter cannot be written */
    DWT->CYCCNT = 0;
    DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;
}

void board_clock_start(void) { lap_began = DWT->CYCCNT; }

void board_clock_lap(void) {
    const uint32_t now = DWT->CYCCNT; /* wraps around after 67 s; differences stay right */
    laps[mirnet_step] = now - lap_began;
    lap_began = DWT->CYCCNT; /* read again: keeping the number is no work of the next operator */
}

uint32_t board_clock_rate(void *context) {
    const unsigned long begin = micros();
    const uint32_t first = DWT->CYCCNT;
    (void)context;
    while (micros() - begin < COUNTED_US)
        ;
    return (DWT->CYCCNT - first) * (1000000u / COUNTED_US);
}

const uint32_t *board_clock_laps(size_t *count, uint32_t *ticks_per_second, void *context) {
    (void)context;
    *count = MIRNET_OPERATORS;
    *ticks_per_second = SystemCoreClock;
    return laps;
}
