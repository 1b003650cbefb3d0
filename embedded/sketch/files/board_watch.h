/* Watchdog for reading a frame, which never ends if the camera's sync lines stand still.
 *
 * `Camera.readFrame` waits for the camera without limit and with interrupts off: no code of ours can stop it. Only a
 * reset can, and the processor's watchdog makes one. But a watchdog that runs has two faults here. It cannot be
 * stopped, not even by the reset that begins an upload, and the boot loader does not feed it: uploads that take
 * longer than its time would be cut off. So it is not started. Instead, before the camera is touched, a timer is set
 * which starts the watchdog if the time is over, without the processor, over the chip's own wires between peripherals:
 *
 *     TIMER4 reaches CC[0] --> PPI channel 19 --> WDT starts --> 1 ms later: reset
 *
 * When the camera is done, the timer is stopped, and the watchdog has never run. It fires neither while the network
 * computes nor in an upload, and there is nothing to feed. (nRF52840 Product Specification, chapters PPI, TIMER, WDT,
 * POWER. TIMER0 is the radio's and TIMER1 that of micros(); no header of the Arduino core names TIMER4, and channels of
 * the PPI are given away from 0 on.)
 */
#ifndef BOARD_WATCH_H
#define BOARD_WATCH_H

#include <stdint.h>

/* What is watched over. */
typedef enum { BOARD_NOTHING = 0, BOARD_CAMERA_START = 1, BOARD_CAMERA_FRAME = 2 } board_task;

/* Finds out why the program starts; once, before anything else here. */
void board_watch_begin(void);

/* Why the program started, as text. */
const char *board_watch_story(void);

/* Whether it started because what was watched over did not end. */
bool board_watch_fired(void);

/* From now on a reset follows after so many milliseconds, 4,000,000 at most, unless the watch is disarmed before. */
void board_watch_arm(board_task task, uint32_t milliseconds);
void board_watch_disarm(void);

#endif
