/* What the sketch uses of the camera's library: its signatures, written anew. */
#ifndef STUB_ARDUINO_OV767X_H
#define STUB_ARDUINO_OV767X_H

#include "Arduino.h"

#define OV7670_VSYNC 8
#define OV7670_HREF A1
#define OV7670_PLK A0

enum { YUV422 = 0, QQVGA = 4, OV7675 = 1 };

class OV767X {
  public:
    int begin(int resolution, int format, int fps, int camera);
    int width() const;
    int height() const;
    int bytesPerPixel() const;
    void readFrame(void *buffer);
};
extern OV767X Camera;

#endif
