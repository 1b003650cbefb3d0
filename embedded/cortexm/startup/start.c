/* The vectors, and the harness that calls one function of a program in QEMU.

   In the emulator of embedded/cortexm/unicorn_board.py nothing boots: Python fills the memory and sets the registers.
   QEMU needs the harness: Python puts a call into `board_call`, QEMU boots into `board_start`, and the results come back
   in three files, by semihosting. */

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define TIMER_CONTROL REGISTER(0x40000000) /* CMSDK timer 0 of QEMU's mps2-an386: counts down at 25 MHz */
#define TIMER_VALUE REGISTER(0x40000004)
#define TIMER_RELOAD REGISTER(0x40000008)
#define FPU_ACCESS REGISTER(0xE000ED88)
#define FAULT_STATUS REGISTER(0xE000ED28)
#define FAULT_ADDRESS REGISTER(0xE000ED38)

enum { SYS_OPEN = 1, SYS_WRITE = 5, WRITE_BINARY = 5, SYS_EXIT = 0x18, APPLICATION_EXIT = 0x20026 };
enum { RETURNED = 1, FAULTED = 2 };
enum { OUTBOX = 0x00210000, OUTBOX_SIZE = 0x10000 }; /* see nano.ld */

/* Written and read by embedded/cortexm/qemu_board.py as twelve 32-bit words, in this order. */
struct call {
  uint32_t function;
  uint32_t arguments[4];
  uint32_t ram_size;
  uint32_t result;
  uint32_t ticks;
  uint32_t state;
  uint32_t place, fault_status, fault_address;
};

__attribute__((section(".harness.data"), used)) volatile struct call board_call = {.state = 0};
__attribute__((section(".harness.data"))) static char ram_file[] = "ram.bin";
__attribute__((section(".harness.data"))) static char outbox_file[] = "outbox.bin";
__attribute__((section(".harness.data"))) static char call_file[] = "call.bin";

extern char board_stack_top, harness_stack_top;
void board_start(void);
void board_fault(void);
void board_fault_at(const uint32_t *frame);
uint32_t board_enter(void);

#define FAULT (uintptr_t)&board_fault
__attribute__((section(".vectors"), used)) const uintptr_t board_vectors[16] = {
    (uintptr_t)&harness_stack_top, (uintptr_t)&board_start, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT,
    FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT,
};

__attribute__((section(".harness.code"))) static uint32_t semihost(uint32_t operation, const void *block) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = block;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

__attribute__((section(".harness.code"))) static void save(const char *name, uint32_t length, uint32_t start,
                                                           uint32_t size) {
  uint32_t open[3] = {(uint32_t)name, WRITE_BINARY, length};
  uint32_t write[3] = {0, start, size};
  write[0] = semihost(SYS_OPEN, open);
  semihost(SYS_WRITE, write);
}

__attribute__((section(".harness.code"))) static void finish(void) {
  save(ram_file, sizeof ram_file - 1, 0x20000000u, board_call.ram_size);
  save(outbox_file, sizeof outbox_file - 1, OUTBOX, OUTBOX_SIZE);
  save(call_file, sizeof call_file - 1, (uint32_t)&board_call, sizeof board_call);
  semihost(SYS_EXIT, (const void *)APPLICATION_EXIT);
  for (;;) {
  }
}

/* Calls the function on the program's own stack, all of it: the harness works on another. */
__attribute__((section(".harness.code"), naked, used)) uint32_t board_enter(void) {
  __asm__ volatile(
      "push {r4, lr}\n\t"
      "ldr r4, =board_stack_top\n\t"
      "msr psp, r4\n\t"
      "movs r4, #2\n\t"
      "msr control, r4\n\t"
      "isb\n\t"
      "ldr r4, =board_call\n\t"
      "ldr r0, [r4, #4]\n\t"
      "ldr r1, [r4, #8]\n\t"
      "ldr r2, [r4, #12]\n\t"
      "ldr r3, [r4, #16]\n\t"
      "ldr r4, [r4, #0]\n\t"
      "blx r4\n\t"
      "movs r4, #0\n\t"
      "msr control, r4\n\t"
      "isb\n\t"
      "pop {r4, pc}\n\t"
      ".ltorg");
}

__attribute__((section(".harness.code"), used)) void board_start(void) {
  uint32_t before;
  FPU_ACCESS |= 0xFu << 20;
  __asm__ volatile("dsb\n\tisb");
  TIMER_RELOAD = 0xFFFFFFFFu;
  TIMER_VALUE = 0xFFFFFFFFu;
  TIMER_CONTROL = 1;
  before = TIMER_VALUE;
  board_call.result = board_enter();
  board_call.ticks = before - TIMER_VALUE;
  board_call.state = RETURNED;
  finish();
}

__attribute__((section(".harness.code"), naked, used)) void board_fault(void) {
  __asm__ volatile(
      "mrs r0, psp\n\t"
      "b board_fault_at");
}

__attribute__((section(".harness.code"), used)) void board_fault_at(const uint32_t *frame) {
  board_call.place = frame[6]; /* where the processor keeps the address of what it was doing */
  board_call.fault_status = FAULT_STATUS;
  board_call.fault_address = FAULT_ADDRESS;
  board_call.state = FAULTED;
  finish();
}
