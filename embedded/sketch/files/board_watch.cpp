#include "board_watch.h"

#include "board_core.h"
#include <nrf.h>

#define CHANNEL 19u  /* of the PPI: the last one that can be programmed */
#define TICKS_A_MS 1000u
#define LAST_TICKS 32u /* of the watchdog at 32,768 Hz, once it has been started: 1 ms. At least 15 */

/* A note of what is watched over, for the program that starts after the reset. It has to lie where nobody writes:
 * - not in a register that lasts: a reset by the watchdog clears GPREGRET;
 * - not in .bss, which is cleared, and not in .noinit: the boot loader, which runs first, uses the first 40,468 bytes
 *   of RAM, and .noinit is among them (read from bootloader.elf of the core, 4.x: 0x20000000 to 0x20009E14);
 * - so in the last 16 bytes of the heap, which grows from the other end: with tens of KB free it never gets there. */
extern "C" uint32_t __HeapLimit[]; /* the end of the heap, from the core's linker script */
#define NOTE_WORDS 4
#define NOTE_MAGIC 0x6d69726eu

static volatile uint32_t *note(void) {
    return reinterpret_cast<volatile uint32_t *>(reinterpret_cast<uintptr_t>(__HeapLimit) - NOTE_WORDS * 4);
}

static uint32_t reasons; /* bits of RESETREAS */
static board_task victim = BOARD_NOTHING;

static void write_note(board_task task) {
    note()[0] = NOTE_MAGIC;
    note()[1] = static_cast<uint32_t>(task);
    note()[2] = ~static_cast<uint32_t>(task); /* RAM after power-on may hold anything, but hardly this */
}

static board_task read_note(void) {
    const uint32_t task = note()[1];
    const bool whole = note()[0] == NOTE_MAGIC && note()[2] == ~task;
    return whole && (task == BOARD_CAMERA_START || task == BOARD_CAMERA_FRAME) ? static_cast<board_task>(task)
                                                                              : BOARD_NOTHING;
}

void board_watch_begin(void) {
    reasons = NRF_POWER->RESETREAS;
    NRF_POWER->RESETREAS = reasons; /* ones clear the bits, which would pile up otherwise */
    victim = board_watch_fired() ? read_note() : BOARD_NOTHING;
    write_note(BOARD_NOTHING);
}

bool board_watch_fired(void) {
    /* With the reset button, the other bits may be set without a cause (anomaly 136). */
    return (reasons & POWER_RESETREAS_DOG_Msk) != 0 && (reasons & POWER_RESETREAS_RESETPIN_Msk) == 0;
}

const char *board_watch_story(void) {
    if (board_watch_fired()) {
        switch (victim) {
        case BOARD_CAMERA_FRAME: return "ready; restarted by the watchdog: the camera stopped in the middle of a frame";
        case BOARD_CAMERA_START: return "ready; restarted by the watchdog: the camera did not come up";
        default: return "ready; restarted by the watchdog, and what it cut off is not known";
        }
    }
    if (reasons & POWER_RESETREAS_RESETPIN_Msk)
        return "ready; started by the reset button";
    if (reasons & POWER_RESETREAS_LOCKUP_Msk)
        return "ready; restarted after a crash of the program (lock-up)";
    if (reasons & POWER_RESETREAS_SREQ_Msk)
        return "ready; started by an upload";
    return "ready; started when the power came on";
}

void board_watch_arm(board_task task, uint32_t milliseconds) {
    write_note(task);
    NRF_WDT->CRV = LAST_TICKS - 1;
    NRF_WDT->CONFIG = WDT_CONFIG_SLEEP_Run << WDT_CONFIG_SLEEP_Pos; /* and pauses where a debugger halts us */

    NRF_TIMER4->TASKS_STOP = 1;
    NRF_TIMER4->TASKS_CLEAR = 1;
    NRF_TIMER4->MODE = TIMER_MODE_MODE_Timer;
    NRF_TIMER4->BITMODE = TIMER_BITMODE_BITMODE_32Bit;
    NRF_TIMER4->PRESCALER = 4; /* 16 MHz / 2^4 */
    NRF_TIMER4->CC[0] = milliseconds * TICKS_A_MS;
    NRF_TIMER4->EVENTS_COMPARE[0] = 0;

    NRF_PPI->CH[CHANNEL].EEP = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&NRF_TIMER4->EVENTS_COMPARE[0]));
    NRF_PPI->CH[CHANNEL].TEP = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&NRF_WDT->TASKS_START));
    NRF_PPI->CHENSET = 1u << CHANNEL;
    NRF_TIMER4->TASKS_START = 1;
}

void board_watch_disarm(void) {
    NRF_PPI->CHENCLR = 1u << CHANNEL;
    NRF_TIMER4->TASKS_STOP = 1;
    write_note(BOARD_NOTHING);
}
