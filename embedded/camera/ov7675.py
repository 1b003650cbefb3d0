"""The OV7675 camera: from a scene to the bytes of a frame, and from such bytes to a picture.

```
scene, any size ─ to_frame ─▶ (120, 160, 3) ─ darken ─▶ (120, 160, 3) ─ pack ─▶ (120, 160, 2), 38,400 bytes:
                                             less light, noise                   Y0 U Y1 V │ Y2 U Y3 V │ …
picture (120, 160, 3) ◀─ unpack ─ 38,400 bytes
```

The frame is QQVGA, 160 × 120, as `readFrame` of Arduino_OV767X fills its buffer
(https://github.com/arduino-libraries/Arduino_OV767X, GPL-2.0):

| format | two pixels | |
| --- | --- | --- |
| yuv422, the default | Y0 U Y1 V | every pixel its luma in 256 levels, two neighbours one colour |
| rgb565 | RRRRRGGG GGGBBBBB, twice | below 64, where a dark photo lives, there are 8 levels of red |
| grayscale | Y0 Y1 | the library asks for YUV 4:2:2 and keeps the even bytes |

**Sources.** Colours: ITU-R BT.601-7 (https://www.itu.int/rec/R-REC-BT.601). Byte orders: registers TSLB and COM13 in
the data sheet of the OV7670 (https://web.mit.edu/6.111/www/f2016/tools/OV7670_2006.pdf); the library sets the OV7675
through the same ones; yet published captures by it read Y V Y U, and only the test pattern of the camera at hand tells
(`Camera.looks_wrong`). The packing is that of `model.images.camera_formats`, the noise that of `model.images.darken`.

**Left out.** Automatic exposure, gain and white balance: `light` is what is left after them. In RGB565 the library
leaves the camera at its narrow range, 16 to 240 (COM15 = 0x10); here it is 0 to 255 in every format. The noise is as
strong as in LOL's photos; a sensor as small as this one may well have more.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from embedded.camera.colour_bars import look
from model.errors import ImageError, MirnetError
from model.images.camera_formats import (
    COLUMNS,
    ROWS,
    YUV_ORDERS,
    rgb565_to_rgb,
    rgb_to_rgb565,
    rgb_to_yuv422,
    to_frame,
    yuv422_to_rgb,
)
from model.images.darken import Darkness, darken

__all__ = ["FORMATS", "Camera", "Format"]

Frame = np.ndarray | bytes | bytearray | memoryview

IMPOSSIBLE = 4
"""Weight of impossible colours against roughness, in levels: a photo has next to none of the first."""

MARGIN, FLOOR = 1.1, 0.5
"""An order is ruled out that is stranger than the best by this factor, and by so many levels."""


@dataclass(frozen=True)
class Format:
    """One way to write a picture as bytes.

    Attributes:
        orders: The byte orders; those that a frame cannot tell apart are in one group. The first is Arduino_OV767X's.
        depth: Bytes a pixel.
        pack: (rows, columns, 3) uint8 and an order to (rows, columns, depth) uint8.
        unpack: The inverse.
    """

    orders: tuple[tuple[str, ...], ...]
    depth: int
    pack: Callable[[np.ndarray, str], np.ndarray]
    unpack: Callable[[np.ndarray, str], np.ndarray]


FORMATS: Mapping[str, Format] = {
    "yuv422": Format((YUV_ORDERS[:2], YUV_ORDERS[2:]), 2, rgb_to_yuv422, yuv422_to_rgb),
    "rgb565": Format((("big",), ("little",)), 2, rgb_to_rgb565, rgb565_to_rgb),
    "grayscale": Format(
        (("Y",),), 1, lambda image, _: rgb_to_yuv422(image)[..., :1], lambda frame, _: np.repeat(frame, 3, axis=-1)
    ),
}
"""The library's formats; its RGB444 has fewer levels than RGB565 in as many bytes, and is not here."""


@dataclass(frozen=True)
class Camera:
    """An OV7675 at QQVGA behind Arduino_OV767X.

        camera = Camera(light=1 / 32)
        frame = camera.capture(photo)  # (120, 160, 2) uint8, what the board has in its memory
        picture = camera.picture(frame)  # (120, 160, 3) uint8

    Attributes:
        format: "yuv422", "rgb565" or "grayscale".
        order: Of the bytes: one of `model.images.camera_formats.YUV_ORDERS`; "big" or "little"; "Y". Left empty, it
            becomes the library's: "YUYV", "big", "Y".
        light: The share of the light that is left, above 0 and at most 1, with the noise that comes with it; None
            takes the photo as it is and adds no noise.

    Raises:
        MirnetError: If there is no such format or order, or the light is out of range.
    """

    format: str = "yuv422"
    order: str = ""
    light: float | None = None

    def __post_init__(self):
        if self.format not in FORMATS:
            raise MirnetError(f"unknown camera format {self.format!r}; there are {', '.join(FORMATS)}")
        orders = sum(FORMATS[self.format].orders, ())
        if not self.order:
            object.__setattr__(self, "order", orders[0])  # how a frozen dataclass fills in a default
        elif self.order not in orders:
            raise MirnetError(f"unknown byte order {self.order!r} of {self.format}; there are {', '.join(orders)}")
        if self.light is not None and not 0 < self.light <= 1:
            raise MirnetError(f"light is the share that is left, above 0 and at most 1, not {self.light!r}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and bytes a pixel of a frame."""
        return ROWS, COLUMNS, FORMATS[self.format].depth

    def capture(self, scene: np.ndarray, rng: np.random.Generator | int = 0) -> np.ndarray:
        """The bytes of one frame.

        Args:
            scene: (height, width, 3) uint8, sRGB, of any size; scaled and cut to the frame
                (`model.images.camera_formats.to_frame`).
            rng: Makes the noise, or is its seed; the same one gives the same frame. Without `light` it is not used.

        Returns:
            (120, 160, 2) uint8, in grayscale (120, 160, 1); `.tobytes()` is the buffer.

        Raises:
            ImageError: If the scene is no such picture.
        """
        pixels = np.asarray(scene)
        if pixels.dtype != np.uint8:
            raise ImageError(
                f"scene: give uint8, 0..255, not {pixels.dtype}; model.images.photo_files.as_uint8 makes it of floats"
            )
        image = to_frame(pixels)
        if self.light is not None:
            image = darken(image, np.random.default_rng(rng), Darkness(exposure=1 / self.light))
        return FORMATS[self.format].pack(image, self.order)

    def picture(self, frame: Frame) -> np.ndarray:
        """The picture in a frame.

        Args:
            frame: The bytes of one frame, or an array of them, uint8, flat or of `shape`.

        Returns:
            (120, 160, 3) uint8, sRGB. What is lost: see `yuv422_to_rgb` and `rgb565_to_rgb` of
            `model.images.camera_formats`; all colour in grayscale.

        Raises:
            ImageError: If there are too few or too many bytes, or it is an array of something else.
        """
        return FORMATS[self.format].unpack(self._frame(frame), self.order)

    def fitting_orders(self, frame: Frame) -> tuple[str, ...]:
        """The byte orders in which a frame makes a plausible photo, whatever `order` is.

        In a wrong order neighbours are no longer alike, and many bytes of YUV are no colour at all: Y, U and V that no
        red, green and blue have are changed by unpacking and packing again. Both are measured in levels and added up;
        an order far above the best does not fit. It was right for every dark and every bright photo of 415 pairs of
        LOL that its three numbers were not chosen on, in both formats.

        What it cannot tell: **U from V** (YUYV from YVYU, UYVY from VYUY), since swapped colours are as smooth, and
        possible in nearly every photo; and anything of a frame that is almost flat, or almost black in RGB565. Grey
        stripes one pixel wide deceive it: their bytes are those of a flat colour in another order. A byte lost on the
        line looks like another order too. It has met photos and simulated darkness, no real camera yet.

        Args:
            frame: As for `picture`.

        Returns:
            The orders that fit; a pair for YUV and one for RGB565 where the frame tells, all where it does not.

        Raises:
            ImageError: As `picture`.
        """
        pixels, layout = self._frame(frame), FORMATS[self.format]
        strange = {group: min(_strangeness(pixels, layout, order) for order in group) for group in layout.orders}
        least = min(strange.values())
        return sum((group for group, value in strange.items() if value <= max(MARGIN * least, least + FLOOR)), ())

    def looks_wrong(self, frame: Frame, test_pattern: bool = False) -> str | None:
        """What to tell a user whose frame is not as this camera should send it; None if it is, or cannot be told.

        A photo tells of the byte order only, and of that not all (`fitting_orders`). The camera's test pattern, whose
        colours are known, tells of wires, too (`embedded.camera.colour_bars`).

        Args:
            frame: As for `picture`.
            test_pattern: Whether it is a frame of the test pattern with eight colour bars, in "yuv422".

        Raises:
            ImageError: As `picture`.
            MirnetError: If the test pattern is asked for in another format.
        """
        if test_pattern:
            if self.format != "yuv422":
                raise MirnetError(f"the test pattern is judged in yuv422, not in {self.format}: choose that format")
            return look(self._frame(frame)).fault(self.order)
        fitting = self.fitting_orders(frame)
        if self.order in fitting:
            return None
        pattern = ", which a photo cannot tell: take the test pattern" if self.format == "yuv422" else ""
        return (
            f"the frame looks like {' or '.join(fitting)}, not {self.order}: read it with Camera({self.format!r}, "
            f"order={fitting[0]!r}), unless an odd number of bytes got lost before it{pattern}"
        )

    def _frame(self, frame: Frame) -> np.ndarray:
        """The bytes of a frame in its shape, checked."""
        raw = isinstance(frame, bytes | bytearray | memoryview)
        pixels = np.frombuffer(frame, np.uint8) if raw else np.asarray(frame)
        if pixels.dtype != np.uint8:
            raise ImageError(
                f"frame: give bytes, or an array of uint8, not of {pixels.dtype}; .view('uint8') makes bytes of them"
            )
        size = math.prod(self.shape)
        if pixels.size != size:
            like = [name for name, other in FORMATS.items() if pixels.size == ROWS * COLUMNS * other.depth]
            fix = "wait for the rest, or capture again" if pixels.size < size else "cut it where the first frame ends"
            fix = f"a frame of {' or '.join(like)} has so many: choose that format" if like else fix
            raise ImageError(f"frame: {pixels.size:,} bytes, but {self.format} has {size:,} a frame; {fix}")
        if pixels.shape not in ((size,), self.shape):
            raise ImageError(f"frame: shape must be {self.shape}, not {pixels.shape}; rows come before columns")
        return pixels.reshape(self.shape)


def _strangeness(frame: np.ndarray, layout: Format, order: str) -> float:
    """How little a reading is like a photo, in levels: neighbours that differ, and bytes that are no colour."""
    picture = layout.unpack(frame, order)
    rough = sum(np.abs(np.diff(picture.astype(np.int32), axis=axis)).mean() for axis in (0, 1))
    changed = np.abs(layout.pack(picture, order).astype(np.int32) - frame).mean()
    return float(rough + IMPOSSIBLE * changed)
