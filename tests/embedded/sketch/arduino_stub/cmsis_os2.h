/* What the sketch uses of the operating system. */
#ifndef STUB_CMSIS_OS2_H
#define STUB_CMSIS_OS2_H

#include <stdint.h>

typedef void *osThreadId_t;

extern "C" {
osThreadId_t osThreadGetId(void);
uint32_t osThreadGetStackSize(osThreadId_t thread);
uint32_t osThreadGetStackSpace(osThreadId_t thread);
}

#endif
