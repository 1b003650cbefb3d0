/* The Arduino core, and a sentence where it is another than this sketch is written for.
 *
 * The sketch touches what only the core "Arduino Mbed OS Nano Boards" has: registers of the nRF52840, its USB port
 * without waiting, its account of stack and heap. Every file that needs them includes this one first.
 */
#ifndef BOARD_CORE_H
#define BOARD_CORE_H

#if defined(ARDUINO_ARCH_ZEPHYR)
#error "MIRNet does not build with the Arduino core based on Zephyr. Install the other one, `arduino-cli core install arduino:mbed_nano@4.6.0`, and compile with `--fqbn arduino:mbed_nano:nano33ble`; in the IDE choose Tools > Board > Arduino Mbed OS Nano Boards > Arduino Nano 33 BLE."
#elif !defined(ARDUINO_ARCH_MBED)
#error "MIRNet needs the core Arduino Mbed OS Nano Boards. Install it, `arduino-cli core install arduino:mbed_nano@4.6.0`, and compile with `--fqbn arduino:mbed_nano:nano33ble`; in the IDE choose Tools > Board > Arduino Mbed OS Nano Boards > Arduino Nano 33 BLE."
#elif !defined(ARDUINO_ARDUINO_NANO33BLE)
#error "MIRNet is for the Arduino Nano 33 BLE Sense (or Sense Rev2) and for no other board. Compile with `--fqbn arduino:mbed_nano:nano33ble`; in the IDE choose Tools > Board > Arduino Mbed OS Nano Boards > Arduino Nano 33 BLE."
#endif

#include <Arduino.h>

#endif
