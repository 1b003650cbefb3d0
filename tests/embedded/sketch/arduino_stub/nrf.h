/* The registers of the nRF52840 and of the Cortex-M4 that the sketch touches, as memory: what is written stays there,
 * and stub.cpp looks at it. Names and numbers are those of Nordic's and Arm's headers. */
#ifndef STUB_NRF_H
#define STUB_NRF_H

#include <stdint.h>

typedef volatile uint32_t stub_register;

/* A register that does something when it is written; it remembers which write of all it was. */
struct stub_task {
    uint32_t value, when;
    void operator=(uint32_t written) {
        static uint32_t writes;
        value = written;
        when = ++writes;
    }
};

typedef struct {
    stub_register RESETREAS;
} stub_power;
typedef struct {
    stub_task TASKS_START;
    stub_register CRV, CONFIG;
} stub_wdt;
typedef struct {
    stub_task TASKS_START, TASKS_STOP, TASKS_CLEAR;
    stub_register EVENTS_COMPARE[6], MODE, BITMODE, PRESCALER, CC[6];
} stub_timer;
typedef struct {
    stub_task CHENSET, CHENCLR;
    struct {
        stub_register EEP, TEP;
    } CH[20];
} stub_ppi;
typedef struct {
    stub_register ICACHECNF, IHIT, IMISS;
} stub_nvmc;
typedef struct {
    stub_register DEMCR;
} stub_core_debug;
typedef struct {
    stub_register CTRL, CYCCNT;
} stub_dwt;

extern stub_power stub_power_registers;
extern stub_wdt stub_wdt_registers;
extern stub_timer stub_timer_registers;
extern stub_ppi stub_ppi_registers;
extern stub_core_debug stub_core_debug_registers;
stub_dwt *stub_dwt_now(); /* counts nanoseconds in the place of cycles, once it has been switched on */
stub_nvmc *stub_nvmc_now(); /* each look counts 700 hits and 7 misses, once cache and counters have been switched on */
extern uint32_t SystemCoreClock;

#define NRF_POWER (&stub_power_registers)
#define NRF_WDT (&stub_wdt_registers)
#define NRF_TIMER4 (&stub_timer_registers)
#define NRF_PPI (&stub_ppi_registers)
#define CoreDebug (&stub_core_debug_registers)
#define DWT (stub_dwt_now())
#define NRF_NVMC (stub_nvmc_now())

#define POWER_RESETREAS_RESETPIN_Msk 1u
#define POWER_RESETREAS_DOG_Msk 2u
#define POWER_RESETREAS_SREQ_Msk 4u
#define POWER_RESETREAS_LOCKUP_Msk 8u
#define WDT_CONFIG_SLEEP_Run 1u
#define WDT_CONFIG_SLEEP_Pos 0u
#define TIMER_MODE_MODE_Timer 0u
#define TIMER_BITMODE_BITMODE_32Bit 3u
#define CoreDebug_DEMCR_TRCENA_Msk (1u << 24)
#define DWT_CTRL_CYCCNTENA_Msk 1u
#define NVMC_ICACHECNF_CACHEEN_Msk 1u
#define NVMC_ICACHECNF_CACHEPROFEN_Msk (1u << 8)

#endif
