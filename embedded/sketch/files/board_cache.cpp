#include "board_cache.h"

#include "board_core.h"
#include <nrf.h>

static uint32_t hits_before, misses_before;
static uint32_t hits = MIRNET_UNKNOWN, misses = MIRNET_UNKNOWN;

void board_cache_begin(void) { NRF_NVMC->ICACHECNF = NVMC_ICACHECNF_CACHEEN_Msk | NVMC_ICACHECNF_CACHEPROFEN_Msk; }

void board_cache_start(void) {
    hits_before = NRF_NVMC->IHIT;
    misses_before = NRF_NVMC->IMISS;
}

void board_cache_stop(void) {
    hits = NRF_NVMC->IHIT - hits_before; /* right even if the counter has wrapped around */
    misses = NRF_NVMC->IMISS - misses_before;
}

void board_cache_report(mirnet_memory *memory) {
    memory->cache_hits = hits;
    memory->cache_misses = misses;
}
