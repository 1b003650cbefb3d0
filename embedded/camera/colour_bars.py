"""The camera's test pattern, eight colour bars: what a frame of them tells about wires and byte order.

```
white │ yellow │ cyan │ green │ magenta │ red │ blue │ black     each 20 pixels wide, all rows alike
```

The sensor makes them itself (`Camera.testPattern()` of Arduino_OV767X): what has to come is known, in any light. How
bright and how colourful they are depends on settings; what follows does not: all rows are alike, the bars darken from
left to right, U is highest in blue, and V in red.

| fault | how it shows |
| --- | --- |
| a constant frame | nothing changes from column to column |
| noise | rows are not alike, at any row length |
| bytes missing in each row | rows are alike at another row length: what is lost moves every row on |
| another byte order | Y, U and V follow the bars at other bytes of four |
| halves exchanged | they follow the bars, moved by half a row |
| data wires D0 and D1 exchanged | bytes that end in 01 and those that end in 10 are exchanged, by one level |

The last one moves a byte by one level at most. With noise, the bytes of one bar gather around their mean, and of two
levels the nearer one is met more often; exchanging the two puts more bytes on the farther one, so that their variance
grows. Without noise a bar has one value: Y, U and V are each a sum of a constant and shares of red, green and blue,
which are on or off. So two bars have the same sum as two others of the same colours (red and cyan, yellow and blue),
and exchanged bits show as a misfit.

The board looks in the same way (`sketch/files/mirnet_bars.c`), at its start and on command, undoes what can be undone,
and tells the rest.
"""

from dataclasses import dataclass

import numpy as np

from model.images.camera_formats import COLUMNS, ROWS, YUV_ORDERS, rgb_to_yuv422

__all__ = ["MOVED", "PICTURES", "Wiring", "colour_bars", "look"]

ON = np.array([(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)])
"""Red, green and blue of the bars: (8, 3)."""

PICTURES = ("bars", "constant", "noise", "no bars")
"""What a frame may show: the bars; one value; no two rows alike; rows alike, but no bars."""

BAR = COLUMNS // len(ON)  # pixels
ROW = 2 * COLUMNS  # bytes
EDGE = 3  # pairs of pixels at either side of a bar that may be mixed with its neighbour
MOVED = 8
"""Pixels by which the bars may be moved without a fault: a sensor's window need not begin with the first one."""
FLAT = 12.0  # levels: noise may be as much in a frame that is constant; the faintest bars are twice as much
ALIKE, ALIKE_ENOUGH = 0.6, 0.8  # share of the variance that rows have in common; correlation with the bars
ROW_LENGTHS = range(ROW - 8, ROW + 9)
ROWS_SEEN = ROWS * ROW // ROW_LENGTHS[-1]
CLIPPED = (4, 251)  # means beyond these say little, since the bytes end there
NOISY = 1.0
"""Levels of noise from which on histograms tell whether bits are exchanged; below, means do."""

EQUAL_SUMS = [
    (a, d, b, c)
    for a in range(8)
    for b in range(a + 1, 8)
    for c in range(b + 1, 8)
    for d in range(a + 1, 8)
    if (ON[a] + ON[d] == ON[b] + ON[c]).all()
]
"""Two bars, and two others whose red, green and blue add up to the same."""


@dataclass(frozen=True)
class Wiring:
    """What a frame of the test pattern tells. Where it shows no bars, the rest is not known.

    Attributes:
        picture: One of `PICTURES`.
        row_bytes: Bytes of a row: 320, or less if some are lost in each.
        order: The byte order, one of `YUV_ORDERS`.
        moved: Pixels by which the bars are moved to the right, -80 to 79.
        bits_exchanged: Whether the data wires D0 and D1 are exchanged.
    """

    picture: str = "bars"
    row_bytes: int = ROW
    order: str = YUV_ORDERS[0]
    moved: int = 0
    bits_exchanged: bool = False

    @property
    def faults(self) -> list[str]:
        """What is wrong whatever byte order and data bits are expected, with what to do; empty if nothing is."""
        if self.picture == "constant":
            return [
                "the frame is constant: no data comes from the camera, or its test pattern is off: check that it sits "
                "firmly in the shield, and its 3.3 V"
            ]
        if self.picture == "noise":
            return [
                "the frame is noise, no two rows are alike: check the wires of PCLK, HREF and of all data bits, or "
                "whether the test pattern is off"
            ]
        if self.row_bytes != ROW:
            what = "are missing" if self.row_bytes < ROW else "are too many"
            return [
                f"{abs(ROW - self.row_bytes)} bytes of each row {what}, so that the picture slants: check the wire of "
                "PCLK"
            ]
        if self.picture == "no bars":
            return ["the frame shows no colour bars: is the camera's test pattern on?"]
        if abs(self.moved) <= MOVED:
            return []
        halves = abs(abs(self.moved) - COLUMNS // 2) <= MOVED
        where = "the halves of the picture are exchanged: each row" if halves else "each row"
        return [f"{where} begins {abs(self.moved)} pixels off: check the wires of HREF and VSYNC"]

    def fault(self, order: str) -> str | None:
        """All that is wrong for somebody who expects a byte order, one of `YUV_ORDERS`; None if nothing is."""
        faults = self.faults
        if self.picture == "bars" and self.row_bytes == ROW:
            if self.order != order:
                faults.insert(0, f"the byte order is {self.order}, not {order}: read it with {_camera(self.order)}")
            if self.bits_exchanged:
                faults.append("the data wires D0 and D1 are exchanged: exchange them, or use another shield")
        return "; ".join(faults) or None


def colour_bars() -> np.ndarray:
    """The picture that the sensor makes: (120, 160, 3) uint8."""
    return np.tile(np.repeat(ON * 255, BAR, axis=0).astype(np.uint8), (ROWS, 1, 1))


def look(frame: np.ndarray) -> Wiring:
    """What a frame of the test pattern tells of wires and byte order.

    Args:
        frame: (120, 160, 2) uint8, YUV 4:2:2.
    """
    stream = frame.reshape(-1)
    if stream.reshape(-1, 4).std(axis=0).max() < FLAT:
        return Wiring("constant")
    alike = {length: _alike(stream, length) for length in ROW_LENGTHS}
    length = max(alike, key=alike.__getitem__)
    if alike[length] < ALIKE:
        return Wiring("noise")
    if length != ROW:
        return Wiring(row_bytes=length)
    profile = stream.reshape(-1, ROW).mean(axis=0)  # (320,)
    order, moved, fit = _place(profile)
    if fit < ALIKE_ENOUGH:
        return Wiring("no bars")
    return Wiring("bars", length, order, moved, _bits_exchanged(np.roll(stream, -2 * moved), order))


def _camera(order: str) -> str:
    return f"Camera('yuv422', order={order!r})"


def _alike(stream: np.ndarray, length: int) -> float:
    """The share of the variance that all rows have in common, if a row has that many bytes; 1 without noise."""
    rows = stream[: length * ROWS_SEEN].reshape(ROWS_SEEN, length).astype(np.float64)
    return 1 - rows.var(axis=0).mean() / rows.var()


def _place(profile: np.ndarray) -> tuple[str, int, float]:
    """Byte order, pixels by which the bars are moved to the right (-80 to 79), and how well they fit (1 is best)."""
    bars = colour_bars()[:1]
    templates = {k: _standard(rgb_to_yuv422(np.roll(bars, k, axis=1))[0]) for k in range(-80, 80, 2)}
    best = ("", 0, -1.0)
    for order in YUV_ORDERS:
        seen = _standard(_as_yuyv(profile, order).reshape(COLUMNS, 2))
        for moved, template in templates.items():
            fit = float(np.mean([a @ b for a, b in zip(seen, template, strict=True)]))
            if fit > best[2]:
                best = (order, moved, fit)
    return best


def _as_yuyv(values: np.ndarray, order: str) -> np.ndarray:
    """Values in the order Y U Y V; the last axis is that of the bytes."""
    quads = values.reshape(*values.shape[:-1], -1, 4)
    ys = [position for position, letter in enumerate(order) if letter == "Y"]
    return quads[..., [ys[0], order.index("U"), ys[1], order.index("V")]].reshape(values.shape)


def _standard(row: np.ndarray) -> list[np.ndarray]:
    """Y, U and V of one row, (160, 2) in the order Y U Y V: without their mean, and of length 1."""
    channels = (row[:, 0], row[0::2, 1], row[1::2, 1])
    centred = [each - each.mean() for each in map(np.float64, channels)]
    return [each / max(float(np.linalg.norm(each)), 1e-9) for each in centred]


def _bits_exchanged(stream: np.ndarray, order: str) -> bool:
    """Whether the bits 0 and 1 of all bytes are exchanged, in a frame whose bars are where they should be."""
    quads = _as_yuyv(stream.reshape(ROWS, ROW), order).reshape(ROWS, len(ON), BAR // 2, 4)
    samples = np.moveaxis(quads[:, :, EDGE:-EDGE], (1, 3), (0, 1)).reshape(len(ON), 4, -1)  # (8, 4, 960)
    noisy = np.count_nonzero(samples.std(axis=-1) > NOISY) > samples.shape[0] * samples.shape[1] // 2
    strangeness = _spread if noisy else _misfit
    return strangeness(_exchanged(samples)) < strangeness(samples)


def _exchanged(values: np.ndarray) -> np.ndarray:
    return (values & 0xFC) | (values & 1) << 1 | (values >> 1) & 1


def _spread(samples: np.ndarray) -> float:
    return float(samples.var(axis=-1).sum())


def _misfit(samples: np.ndarray) -> float:
    """How far the means of bars, (8, 4, samples), are from `EQUAL_SUMS`, squared; without those that are clipped."""
    means = samples.mean(axis=-1)  # (8, 4)
    good = (means > CLIPPED[0]) & (means < CLIPPED[1])
    a, d, b, c = np.transpose(EQUAL_SUMS)
    apart = np.where(good[a] & good[d] & good[b] & good[c], means[a] + means[d] - means[b] - means[c], 0)
    return float(np.square(apart).sum())
