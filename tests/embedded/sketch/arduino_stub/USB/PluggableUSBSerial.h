/* What the sketch uses of the core's USB serial port. */
#ifndef STUB_PLUGGABLE_USB_SERIAL_H
#define STUB_PLUGGABLE_USB_SERIAL_H

#include "Arduino.h"

struct stub_usb_serial {
    bool connected();
    void send_nb(uint8_t *buffer, uint32_t size, uint32_t *actual, bool now);
};
extern stub_usb_serial _SerialUSB;

#endif
