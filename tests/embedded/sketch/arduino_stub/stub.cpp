/* A Nano that is a process: setup() and loop() of the sketch, with a terminal for USB.
 *
 *     sketch DESCRIPTOR CAMERA RESETREAS
 *
 * CAMERA is the name of a file of 38,400 bytes, read anew for each photo, or what is wrong with it: `missing` does not
 * answer, `still` has sync lines that do not move, `exchanged` has each of the two at the other's pin, `hangs` stops in
 * the middle of a frame, `loosens` does so after the test pattern. STUB_BARS in the environment is such a file of its test pattern. Each light is told on stdout,
 * and each photo, with whether a light shone into it. The program ends when the line is closed.
 *
 * STUB_USB in the environment is what goes wrong with USB: `closes N` closes the port in the middle of transfer N and
 * opens it again at once, `refuses N` does not begin transfer N the first time.
 *
 * A camera that hangs leaves the processor in an endless loop with interrupts off. What then brings the board back is
 * in the registers, or is not: a timer that runs, wired to the watchdog. If it is, this program starts itself anew, as
 * a reset does: all memory is lost but the last 16 bytes of the heap, and RESETREAS names the watchdog.
 */
#include <Arduino.h>
#include <Arduino_OV767X.h>
#include <USB/PluggableUSBSerial.h>
#include <cmsis_os2.h>
#include <errno.h>
#include <fcntl.h>
#include <nrf.h>
#include <platform/mbed_stats.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_BYTES = 38400, SHORTEST = 15, WATCHDOG = 2 };

stub_serial Serial;
stub_usb_serial _SerialUSB;
OV767X Camera;
stub_power stub_power_registers;
stub_wdt stub_wdt_registers;
stub_timer stub_timer_registers;
stub_ppi stub_ppi_registers;
stub_core_debug stub_core_debug_registers;
uint32_t SystemCoreClock = 1000000000;
extern "C" uint32_t stub_kept[4]; /* the linker puts __HeapLimit behind it */
uint32_t stub_kept[4] = {0xdeadbeef, 1, 2, 3};

static int line;
static char **options;
static int level; /* of all pins that are read */
static int pins[4] = {HIGH, HIGH, HIGH, HIGH}; /* red, green, blue, and the light beside the USB port */
static unsigned long dark_ms; /* how long no light has shone */

static uint64_t nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

static bool camera_is(const char *what) { return strcmp(options[2], what) == 0; }

unsigned long millis() { return static_cast<unsigned long>(nanoseconds() / 1000000u); }
unsigned long micros() { return static_cast<unsigned long>(nanoseconds() / 1000u); }

void delay(unsigned long milliseconds) { /* at most 10 ms, and less if a byte comes: tests need not wait */
    pollfd file = {line, POLLIN, 0};
    dark_ms += milliseconds;
    poll(&file, 1, milliseconds < 10 ? static_cast<int>(milliseconds) : 10);
}

void pinMode(int, int) {}

void digitalWrite(int pin, int value) {
    static bool changed;
    changed = changed || (pin != LED_PWR && pins[pin - LEDR] != value);
    pins[pin - LEDR] = value;
    dark_ms = 0;
    if (pin == LEDB && changed) { /* the last of the three; on is LOW */
        printf("%c%c%c\n", pins[0] ? '-' : 'R', pins[1] ? '-' : 'G', pins[2] ? '-' : 'B');
        changed = false;
    }
}

int digitalRead(int pin) { /* a frame has 120 rows */
    static unsigned count;
    const int slow = camera_is("exchanged") ? OV7670_HREF : OV7670_VSYNC;
    if (!camera_is("still"))
        level = count++ / (pin == slow ? 840 : 7) % 2;
    return level;
}

stub_dwt *stub_dwt_now() {
    static stub_dwt registers;
    if ((stub_core_debug_registers.DEMCR & CoreDebug_DEMCR_TRCENA_Msk) && (registers.CTRL & DWT_CTRL_CYCCNTENA_Msk))
        registers.CYCCNT = static_cast<uint32_t>(nanoseconds());
    return &registers;
}

stub_nvmc *stub_nvmc_now() {
    static stub_nvmc registers = {0, 0xffffff00, 0xfffffffe}; /* will wrap around */
    if (registers.ICACHECNF == (NVMC_ICACHECNF_CACHEEN_Msk | NVMC_ICACHECNF_CACHEPROFEN_Msk)) {
        registers.IHIT = registers.IHIT + 700;
        registers.IMISS = registers.IMISS + 7;
    }
    return &registers;
}

/* ---- USB: one transfer at a time, from a buffer, as USBCDC.cpp of the core has it ---- */

static uint8_t waiting[256];
static int first, count;

static uint8_t sending[64];
static uint32_t filled, gone; /* bytes in that buffer, and how many of them the terminal has taken */
static bool under_way, closed;
static unsigned transfers;

static bool goes_wrong(const char *how) {
    const char *what = getenv("STUB_USB");
    const size_t length = strlen(how);
    return what != NULL && strncmp(what, how, length) == 0 && static_cast<unsigned>(atoi(what + length)) == transfers;
}

/* What the interrupt does: the transfer goes on, and ends. */
static void interrupt() {
    ssize_t sent;
    if (!under_way)
        return;
    sent = ::write(line, sending + gone, filled - gone);
    gone += sent > 0 ? static_cast<uint32_t>(sent) : 0;
    if (gone == filled) {
        under_way = false;
        filled = gone = 0;
    }
}

static void begin_transfer() {
    if (under_way || filled == 0)
        return;
    if (goes_wrong("refuses ")) {
        transfers++;
        return;
    }
    transfers++;
    if (goes_wrong("closes ")) { /* what was in the buffer is lost */
        filled = 0;
        closed = true;
        return;
    }
    under_way = true;
    interrupt();
}

int stub_serial::available() {
    interrupt();
    if (first == count) {
        const ssize_t got = ::read(line, waiting, sizeof waiting);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            exit(0);
        first = 0;
        count = got > 0 ? static_cast<int>(got) : 0;
    }
    return count - first;
}

int stub_serial::read() { return available() > 0 ? waiting[first++] : -1; }

bool stub_usb_serial::connected() {
    const bool open = !closed;
    closed = false; /* who looks twice does not see that it was closed */
    return open;
}

void stub_usb_serial::send_nb(uint8_t *buffer, uint32_t size, uint32_t *actual, bool now) {
    interrupt();
    *actual = 0;
    if (closed || under_way)
        return;
    *actual = size < sizeof sending - filled ? size : static_cast<uint32_t>(sizeof sending) - filled;
    memcpy(sending, buffer, *actual); /* not behind what is there already */
    filled += *actual;
    if (now)
        begin_transfer();
}

/* ---- memory ---- */

osThreadId_t osThreadGetId(void) { return &line; }
uint32_t osThreadGetStackSize(osThreadId_t thread) { return thread == &line ? 32768 : 0; }
uint32_t osThreadGetStackSpace(osThreadId_t thread) { return thread == &line ? 30000 : 0; }
void mbed_stats_heap_get(mbed_stats_heap_t *stats) { *stats = {1000, 90000, 24}; }

/* ---- the camera, and what brings the board back ---- */

static uint32_t low_half(const volatile void *place) {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(place));
}

/* Whether the timer runs, and starts the watchdog at its end. */
static bool watched() {
    const stub_timer &timer = stub_timer_registers;
    const stub_ppi &wires = stub_ppi_registers;
    if (timer.TASKS_START.when <= timer.TASKS_STOP.when || wires.CHENSET.when <= wires.CHENCLR.when)
        return false;
    if (timer.BITMODE != TIMER_BITMODE_BITMODE_32Bit || timer.PRESCALER != 4 || !timer.CC[0])
        return false;
    for (unsigned k = 0; k < 20; k++)
        if (wires.CHENSET.value >> k & 1)
            return wires.CH[k].EEP == low_half(&timer.EVENTS_COMPARE[0]) &&
                   wires.CH[k].TEP == low_half(&stub_wdt_registers.TASKS_START) && stub_wdt_registers.CRV >= SHORTEST;
    return false;
}

static void hang() {
    char kept[64];
    char reason[] = "2";
    if (!watched())
        for (;;)
            pause();
    snprintf(kept, sizeof kept, "%u %u %u %u", stub_kept[0], stub_kept[1], stub_kept[2], stub_kept[3]);
    setenv("STUB_KEPT", kept, 1);
    options[3] = reason;
    execv("/proc/self/exe", options);
    abort();
}

OV767X::~OV767X() {}
#ifdef STUB_OV767X_HEAD
int OV767X::begin(int resolution, int format, int fps, int camera_name) {
    if (camera_name != OV7670) /* with the other, `readFrame` waits for rows that never come */
        hang();
#else
int OV767X::begin(int resolution, int format, int fps) {
#endif
    return resolution == QQVGA && format == YUV422 && (fps == 1 || fps == 5) && watched() && !camera_is("missing");
}
int OV767X::width() const { return 160; }
int OV767X::height() const { return 120; }
int OV767X::bytesPerPixel() const { return 2; }

static bool bars_on;
void OV767X::testPattern(int pattern) { bars_on = pattern == 2; /* the one with eight bars */ }
void OV767X::noTestPattern() { bars_on = false; }

void OV767X::readFrame(void *buffer) {
    FILE *file;
    if (camera_is("hangs") || camera_is("still") || camera_is("exchanged") || !watched() ||
        (camera_is("loosens") && !bars_on))
        hang();
    puts(bars_on ? "test pattern" :
         pins[0] && pins[1] && pins[2] && !pins[3] && dark_ms >= 1000 ? "photo in the dark" : "photo by our own light");
    file = fopen(bars_on ? getenv("STUB_BARS") : options[2], "rb");
    if (file == NULL || fread(buffer, 1, FRAME_BYTES, file) != FRAME_BYTES)
        abort();
    fclose(file);
}

/* ---- the board ---- */

int main(int argument_count, char **arguments) {
    const char *kept = getenv("STUB_KEPT");
    if (argument_count != 4)
        return 2;
    options = arguments;
    line = atoi(options[1]);
    fcntl(line, F_SETFL, fcntl(line, F_GETFL) | O_NONBLOCK);
    setvbuf(stdout, NULL, _IOLBF, 0);
    stub_power_registers.RESETREAS = static_cast<uint32_t>(atoi(options[3]));
    if (kept != NULL && sscanf(kept, "%u %u %u %u", stub_kept, stub_kept + 1, stub_kept + 2, stub_kept + 3) != 4)
        return 2;
    setup();
    for (;;) {
        loop();
        if (watched() || stub_wdt_registers.TASKS_START.when)
            return 3; /* a reset would come, or a watchdog runs, which could never be stopped again */
    }
}
