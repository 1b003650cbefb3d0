/* Bytes over USB with a write timeout.
 *
 * `Serial.write` of the Arduino core waits until all has been taken: for ever, if a program holds the port open and
 * does not read. Here, after a write timeout of 2 s, all is dropped until the computer asks for something again. So is
 * all after the port was closed, even if it is opened again at once: what the core had taken by then counts as sent and
 * has not arrived, and the end of a packet without its beginning, or of an answer that nobody waits for, helps nobody.
 */
#ifndef BOARD_LINE_H
#define BOARD_LINE_H

#include <stddef.h>
#include <stdint.h>

/* The next byte from the computer; -1 if there is none now. */
int board_line_read(void);

/* Whether the port has been opened since this was asked last. */
bool board_line_opened(void);

/* For `mirnet_callbacks.write`; the context is not used. */
void board_line_write(const uint8_t *bytes, size_t count, void *context);

#endif
