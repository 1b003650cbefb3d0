#include "board_lights.h"

#include "board_core.h"

#define BLINK_MS 250u

static board_light shown = LIGHT_IDLE;

static void colour(bool red, bool green, bool blue) {
    digitalWrite(LEDR, red ? LOW : HIGH);
    digitalWrite(LEDG, green ? LOW : HIGH);
    digitalWrite(LEDB, blue ? LOW : HIGH);
}

void board_lights_begin(void) {
    pinMode(LEDR, OUTPUT);
    pinMode(LEDG, OUTPUT);
    pinMode(LEDB, OUTPUT);
    pinMode(LED_PWR, OUTPUT);
    board_lights_show(LIGHT_IDLE);
}

board_light board_lights_show(board_light light) {
    const board_light before = shown;
    shown = light;
    digitalWrite(LED_PWR, light == LIGHT_EXPOSING ? LOW : HIGH); /* unlike the other, on when its pin is HIGH */
    switch (light) {
    case LIGHT_IDLE: colour(false, true, false); break;
    case LIGHT_STARTING: colour(true, true, true); break;
    case LIGHT_EXPOSING: colour(false, false, false); break;
    case LIGHT_COMPUTING: colour(false, false, true); break;
    case LIGHT_SENDING: colour(false, true, true); break;
    case LIGHT_ERROR: colour(millis() / BLINK_MS % 2 == 0, false, false); break;
    }
    return before;
}
