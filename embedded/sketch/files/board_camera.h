/* The camera of the Tiny Machine Learning Kit, an OV7675, through the library Arduino_OV767X. */
#ifndef BOARD_CAMERA_H
#define BOARD_CAMERA_H

#include <stdint.h>

/* All return NULL if they worked, else a sentence for the user. None waits for ever; see board_watch.h. */

/* Starts the camera, in some 2 seconds; does nothing if it has been started. */
const char *board_camera_start(void);

/* Takes a photo with the camera that was started: 160 x 120 pixels, 38,400 bytes, Y U Y V or in
 * the order that the test pattern shows. It takes a second longer than
 * the frame, in which exposure and white balance settle: no LED should shine now. */
const char *board_camera_capture(uint8_t *frame);

/* The same of the sensor's test pattern, eight colour bars, whatever it sees. */
const char *board_camera_test_pattern(uint8_t *frame);

#endif
