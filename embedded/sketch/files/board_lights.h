/* State of the board, shown on its RGB LED. A LED of the Nano is on when its pin is LOW.
 *
 *     idle        green               waits for a request
 *     starting    white               the camera starts
 *     exposing    off                 it takes a photo, for some 2 s: hold still. Any light of ours would be in a picture
 *                                     of the dark; even the green one beside the USB port, which is on otherwise
 *     computing   blue                the network runs, some seconds
 *     sending     light blue (cyan)   a row of a picture goes to the computer
 *     error       red, blinking       the camera's wires are wrong, the last photo failed, or the watchdog restarted the
 *                                     board: the computer says why
 *
 * Not ours: an orange LED that fades in and out is the boot loader's (after two quick presses of the reset button), and
 * one that blinks in groups is the operating system's, after a crash.
 */
#ifndef BOARD_LIGHTS_H
#define BOARD_LIGHTS_H

typedef enum { LIGHT_IDLE, LIGHT_STARTING, LIGHT_EXPOSING, LIGHT_COMPUTING, LIGHT_SENDING, LIGHT_ERROR } board_light;

/* Once, before the other. */
void board_lights_begin(void);

/* Shows a state, and returns the one that was shown before. ERROR blinks if it is shown again and again. */
board_light board_lights_show(board_light light);

#endif
