/* What the sketch uses of the Arduino core, and nothing more: signatures for a compiler, written for the tests.
 * On a PC stub.cpp makes a board of it. */
#ifndef STUB_ARDUINO_H
#define STUB_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

enum { LOW = 0, HIGH = 1, INPUT = 0, OUTPUT = 1 };
enum { LEDR = 22, LEDG = 23, LEDB = 24, LED_PWR = 25, A0 = 14, A1 = 15 };

void pinMode(int pin, int mode);
void digitalWrite(int pin, int value);
int digitalRead(int pin);
unsigned long millis();
unsigned long micros();
void delay(unsigned long milliseconds);

struct stub_serial {
    int available();
    int read();
};
extern stub_serial Serial;

void setup();
void loop();

#endif
