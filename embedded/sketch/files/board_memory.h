/* Memory in use. */
#ifndef BOARD_MEMORY_H
#define BOARD_MEMORY_H

#include "mirnet_commands.h"

/* For `mirnet_callbacks.memory`; the context is not used. The stack is that of setup() and loop(), 32 KB in the
 * Arduino core; interrupts have 1 KB of their own. */
void board_memory_report(mirnet_memory *memory, void *context);

#endif
