#include "board_line.h"

#include <Arduino.h>
#include <USB/PluggableUSBSerial.h>

/* A transfer of all 64 bytes that USB allows would tell the computer that more follows, and it might keep them back
 * until it does; a shorter one is handed on at once. */
#define TRANSFER 63u
#define WRITE_TIMEOUT_MS 2000u

static bool was_open, timed_out;

int board_line_read(void) {
    const int byte = Serial.available() > 0 ? Serial.read() : -1;
    if (byte >= 0)
        timed_out = false; /* a computer that asks reads, too */
    return byte;
}

bool board_line_opened(void) {
    const bool open = _SerialUSB.connected(), opened = open && !was_open;
    was_open = open;
    if (opened)
        timed_out = false;
    return opened;
}

void board_line_write(const uint8_t *bytes, size_t count, void *context) {
    unsigned long progress = millis();
    (void)context;
    while (count > 0 && !timed_out && _SerialUSB.connected()) {
        const uint32_t size = count < TRANSFER ? static_cast<uint32_t>(count) : TRANSFER;
        uint32_t taken = 0;
        _SerialUSB.send_nb(const_cast<uint8_t *>(bytes), size, &taken, true); /* it copies them, and never waits */
        bytes += taken;
        count -= taken;
        if (taken > 0)
            progress = millis();
        else
            timed_out = millis() - progress > WRITE_TIMEOUT_MS;
    }
}
