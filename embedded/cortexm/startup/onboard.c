#include <string.h>

#include "mirnet_network.h"
#include "mirnet_restore.h"

extern uint8_t board_outbox[];
uint8_t onboard_frame[MIRNET_FRAME_BYTES];

/* A step of its own, after those of the network: a row is handed over. */
static void send(int y, const uint8_t *rgb, void *context) {
  (void)context;
  mirnet_step = MIRNET_OPERATORS + 1;
  memcpy(board_outbox + (int32_t)y * MIRNET_ROW_BYTES, rgb, MIRNET_ROW_BYTES);
  mirnet_step = MIRNET_OPERATORS;
}

void onboard_restore(void) {
  mirnet_restore(onboard_frame, send, 0);
}
