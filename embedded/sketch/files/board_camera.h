/* The camera of the Tiny Machine Learning Kit, an OV7675, through the library Arduino_OV767X. */
#ifndef BOARD_CAMERA_H
#define BOARD_CAMERA_H

#include <stdint.h>

/* Takes a photo: 160 x 120 pixels, 38,400 bytes Y U Y V. NULL if it worked, else a sentence for the user. The first
 * one takes some 3 seconds longer, in which the camera starts. Never waits for ever; see board_watch.h. */
const char *board_camera_capture(uint8_t *frame);

#endif
