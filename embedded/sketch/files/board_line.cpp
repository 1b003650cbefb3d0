#include "board_line.h"

#include "board_core.h"
#include <USB/PluggableUSBSerial.h>

/* A transfer of all 64 bytes that USB allows would tell the computer that more follows, and it might keep them back
 * until it does; a shorter one is handed on at once. */
#define TRANSFER 63u
#define WRITE_TIMEOUT_MS 2000u

static bool was_open, given_up;

int board_line_read(void) {
    const int byte = Serial.available() > 0 ? Serial.read() : -1;
    if (byte >= 0)
        given_up = false; /* a computer that asks reads, too */
    return byte;
}

bool board_line_opened(void) {
    const bool open = _SerialUSB.connected(), opened = open && !was_open;
    was_open = open;
    if (opened)
        given_up = false;
    return opened;
}

void board_line_write(const uint8_t *bytes, size_t count, void *context) {
    unsigned long progress = millis();
    (void)context;
    while (count > 0 && !given_up) {
        const uint32_t size = count < TRANSFER ? static_cast<uint32_t>(count) : TRANSFER;
        uint32_t taken = 0;
        /* It copies them, and never waits. First without any: that begins a transfer that could not begin before, whose
         * bytes are still in the core's buffer, where the next ones would overwrite them. */
        _SerialUSB.send_nb(const_cast<uint8_t *>(bytes), 0, &taken, true);
        _SerialUSB.send_nb(const_cast<uint8_t *>(bytes), size, &taken, true);
        bytes += taken;
        count -= taken;
        if (taken > 0)
            progress = millis();
        given_up = !_SerialUSB.connected() || millis() - progress > WRITE_TIMEOUT_MS;
    }
}
