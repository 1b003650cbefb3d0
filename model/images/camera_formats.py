"""Pixel formats of the camera, the same in training, in the emulator and on the board: one definition of each.

```
photo (height, width, 3) ─ to_frame ─▶ (120, 160, 3) ─ rgb_to_yuv422 ─▶ (120, 160, 2) bytes of the camera
                                                     ◀─ yuv422_to_rgb ─
(120, 160, 3) ─ space_to_depth(s) ─▶ (120/s, 160/s, 3 s²) ─ network ─▶ depth_to_space(s) ─▶ (120, 160, 3)
```

**The camera's bytes.** The OV7675 of the Tiny Machine Learning Kit gives 2 bytes a pixel. Arduino_OV767X sets its
registers (src/utility/ov7670.c, the YUV 4:2:2 table) to TSLB = 0x04 and COM13 = 0xC0, whose bits 3 and 0 are both 0:
the order **Y U Y V**; and COM15 = 0xC0: the **full range** 0 to 255. Published captures by this library read Y V Y U
all the same: the sketch finds the order out from the sensor's test pattern, and hands on Y U Y V
(`embedded.camera.colour_bars`). In RGB565 the high byte comes first. Register table: OV7670/OV7171 data sheet 1.4,
pages 18 to 19, https://web.mit.edu/6.111/www/f2016/tools/OV7670_2006.pdf;
library: https://github.com/arduino-libraries/Arduino_OV767X.

**The colours.** Luma and colour differences of ITU-R BT.601-7, section 2.5 (https://www.itu.int/rec/R-REC-BT.601),
over the full range of a byte as in JFIF (ITU-T T.871, section 7, https://www.itu.int/rec/T-REC-T.871):

    Y = 0.299 R + 0.587 G + 0.114 B,  U = 128 + (B - Y) / 1.772,  V = 128 + (R - Y) / 1.402

All arithmetic is in integers (16-bit fractions, one rounding, shifts that round down), so that C on the board gives the
same bytes, not nearly the same.
"""

import numpy as np

from model.errors import ImageError
from model.images.geometry import COLUMNS, ROWS, depth_to_space, resize, space_to_depth, to_frame

__all__ = [
    "COLUMNS",
    "ROWS",
    "YUV_ORDERS",
    "depth_to_space",
    "resize",
    "rgb565_to_rgb",
    "rgb_to_rgb565",
    "rgb_to_yuv422",
    "space_to_depth",
    "to_frame",
    "yuv422_to_rgb",
]

YUV_ORDERS = ("YUYV", "YVYU", "UYVY", "VYUY")
"""The byte orders that the sensor knows, of two neighbouring pixels; the first is what Arduino_OV767X asks for."""

RGB565_ORDERS = ("big", "little")
"""High byte first, as the camera sends it, or low byte first, as a little-endian computer stores a 16-bit number."""

# Weights times 2^16. Those of Y sum to 65536 and those of U and V to 0, so greys stay exactly grey.
Y_OF_RGB = (19595, 38470, 7471)
U_OF_RGB = (-11059, -21709, 32768)
V_OF_RGB = (32768, -27439, -5329)
R_OF_V, G_OF_U, G_OF_V, B_OF_U = 91881, -22554, -46802, 116130  # 1.402, -0.344136, -0.714136, 1.772
HALF = 1 << 15


def rgb_to_yuv422(image: np.ndarray, order: str = "YUYV") -> np.ndarray:
    """What the camera sends for a picture: every pixel its luma, two neighbours one colour.

    Args:
        image: (height, width, 3) uint8, sRGB; the width even.
        order: One of `YUV_ORDERS`.

    Returns:
        (height, width, 2) uint8; `.tobytes()` is the stream. U and V are those of the pair's mean.

    Raises:
        ImageError: If the array is no such picture or the order is unknown.
    """
    pixels = _bytes(image, 3)
    height, width = _even(pixels)
    wide = np.ascontiguousarray(np.moveaxis(pixels, -1, 0), np.int32)  # (3, height, width)
    pairs = wide[..., 0::2] + wide[..., 1::2]  # (3, height, width / 2), twice the mean
    packed = np.empty((height, width // 2, 4), np.uint8)
    first, second = _positions(order, "Y")
    luma = (_weighted(wide, Y_OF_RGB) + HALF) >> 16  # (height, width), never above 255: the weights sum to 1
    packed[..., first], packed[..., second] = luma[:, 0::2], luma[:, 1::2]
    for letter, weights in (("U", U_OF_RGB), ("V", V_OF_RGB)):
        difference = (_weighted(pairs, weights) + 2 * HALF) >> 17
        packed[..., _positions(order, letter)[0]] = np.clip(128 + difference, 0, 255)
    return packed.reshape(height, width, 2)


def yuv422_to_rgb(frame: np.ndarray, order: str = "YUYV") -> np.ndarray:
    """The picture in a camera's frame; both pixels of a pair get the pair's colour.

    Where both pixels of a pair have one colour, it comes back within 1 of 255, whatever it is; elsewhere the luma
    comes back, as far as the bytes reach, and the colour is the pair's mean.

    Args:
        frame: (height, width, 2) uint8, the width even.
        order: One of `YUV_ORDERS`. A wrong one gives no error: any bytes are some picture.

    Returns:
        (height, width, 3) uint8, sRGB.

    Raises:
        ImageError: If the array is no such frame or the order is unknown.
    """
    pixels = _bytes(frame, 2)
    height, width = _even(pixels)
    packed = pixels.reshape(height, width // 2, 4).astype(np.int32)
    u, v = (packed[..., _positions(order, letter)[0]] - 128 for letter in "UV")
    added = ((R_OF_V * v + HALF) >> 16, (G_OF_U * u + G_OF_V * v + HALF) >> 16, (B_OF_U * u + HALF) >> 16)
    rgb = np.empty((height, width, 3), np.uint8)
    for start, position in enumerate(_positions(order, "Y")):
        for channel, colour in enumerate(added):
            rgb[:, start::2, channel] = np.clip(packed[..., position] + colour, 0, 255)
    return rgb


def rgb_to_rgb565(image: np.ndarray, order: str = "big") -> np.ndarray:
    """The picture in 16 bits a pixel, RRRRRGGG GGGBBBBB: the low bits are dropped, as the sensor does.

    Args:
        image: (height, width, 3) uint8, sRGB.
        order: "big" (as the camera sends it) or "little".

    Returns:
        (height, width, 2) uint8.

    Raises:
        ImageError: If the array is no such picture or the order is unknown.
    """
    pixels = _bytes(image, 3)
    red, green, blue = (pixels[..., channel] for channel in range(3))
    high = (red & 0xF8) | (green >> 5)
    low = ((green & 0x1C) << 3) | (blue >> 3)
    return np.stack(_ordered(high, low, order), axis=-1)


def rgb565_to_rgb(frame: np.ndarray, order: str = "big") -> np.ndarray:
    """The picture in an RGB565 frame; the high bits are repeated in the low ones, so white is 255 again.

    The error of a round trip is at most 7 of 255 in red and blue, 3 in green. That is little in a bright picture and
    most of a dark one: below 64 there are 8 levels of red.

    Args:
        frame: (height, width, 2) uint8.
        order: "big" (as the camera sends it) or "little".

    Returns:
        (height, width, 3) uint8, sRGB.

    Raises:
        ImageError: If the array is no such frame or the order is unknown.
    """
    pixels = _bytes(frame, 2)
    high, low = _ordered(pixels[..., 0], pixels[..., 1], order)
    red, blue = high & 0xF8, low << 3
    green = ((high & 0x07) << 5) | ((low & 0xE0) >> 3)
    return np.stack([red | (red >> 5), green | (green >> 6), blue | (blue >> 5)], axis=-1)


def _weighted(planes: np.ndarray, weights: tuple[int, int, int]) -> np.ndarray:
    return weights[0] * planes[0] + weights[1] * planes[1] + weights[2] * planes[2]


def _bytes(array: np.ndarray, channels: int) -> np.ndarray:
    pixels = np.asarray(array)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != channels or 0 in pixels.shape:
        raise ImageError(
            f"give uint8 of shape (height, width, {channels}), not {pixels.dtype} of {pixels.shape}; "
            "model.images.photo_files.as_uint8 makes bytes of floats"
        )
    return pixels


def _even(pixels: np.ndarray) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    if width % 2:
        raise ImageError(f"YUV 4:2:2 needs an even width, not {width}: two neighbours share a colour; crop a column")
    return height, width


def _positions(order: str, letter: str) -> list[int]:
    """Where a letter's bytes are among the four of a pair of pixels."""
    if order not in YUV_ORDERS:
        raise ImageError(f"unknown byte order {order!r}; there are {', '.join(YUV_ORDERS)}")
    return [position for position, found in enumerate(order) if found == letter]


def _ordered(high: np.ndarray, low: np.ndarray, order: str) -> tuple[np.ndarray, np.ndarray]:
    if order not in RGB565_ORDERS:
        raise ImageError(f"unknown byte order {order!r}; there are {', '.join(RGB565_ORDERS)}")
    return (high, low) if order == "big" else (low, high)
