/* What the sketch uses of the camera's library: its signatures, written anew. They are those of 0.0.2, which the
 * Library Manager gives; with STUB_OV767X_HEAD those of its head, from 2023, which was never released. */
#ifndef STUB_ARDUINO_OV767X_H
#define STUB_ARDUINO_OV767X_H

#include "Arduino.h"

#define OV7670_VSYNC 8
#define OV7670_HREF A1
#define OV7670_PLK A0

enum { YUV422 = 0, RGB444 = 1, RGB565 = 2, GRAYSCALE = 4 };
enum { VGA = 0, CIF = 1, QVGA = 2, QCIF = 3, QQVGA = 4 };
#ifdef STUB_OV767X_HEAD
enum { OV7670 = 0, OV7675 = 1 };
#endif

class OV767X {
  public:
    virtual ~OV767X();
#ifdef STUB_OV767X_HEAD
    int begin(int resolution, int format, int fps, int camera_name = OV7670);
#else
    int begin(int resolution, int format, int fps);
#endif
    int width() const;
    int height() const;
    int bytesPerPixel() const;
    void readFrame(void *buffer);
    void testPattern(int pattern = 2);
    void noTestPattern();
};
extern OV767X Camera;

#endif
