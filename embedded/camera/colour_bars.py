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
which are on or off, so that eight bars have four unknowns, and exchanged bits show as a misfit.
"""

import numpy as np

from model.images.camera_formats import COLUMNS, ROWS, YUV_ORDERS, rgb_to_yuv422

__all__ = ["colour_bars", "wiring_fault"]

ON = np.array([(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)])
"""Red, green and blue of the bars: (8, 3)."""

BAR = COLUMNS // len(ON)  # pixels
ROW = 2 * COLUMNS  # bytes
EDGE = 1  # pairs of pixels at either side of a bar that may belong to its neighbour
NEAR = 4  # pixels by which the bars may be moved without a fault
FLAT = 12.0  # levels: noise may be as much in a frame that is constant; the faintest bars are twice as much
ALIKE, ALIKE_ENOUGH = 0.6, 0.8  # share of the variance that rows have in common; correlation with the bars
ROW_LENGTHS = range(ROW - 8, ROW + 9)
ROWS_SEEN = ROWS * ROW // ROW_LENGTHS[-1]
CLIPPED = (4, 251)  # means beyond these say little, since the bytes end there
NOISY = 1.0
"""Levels of noise from which on histograms tell whether bits are exchanged; below, means do."""


def colour_bars() -> np.ndarray:
    """The picture that the sensor makes: (120, 160, 3) uint8."""
    return np.tile(np.repeat(ON * 255, BAR, axis=0).astype(np.uint8), (ROWS, 1, 1))


def wiring_fault(frame: np.ndarray, order: str) -> str | None:
    """What is wrong with a frame of the test pattern; None if nothing is.

    Args:
        frame: (120, 160, 2) uint8, YUV 4:2:2.
        order: The byte order that is expected, one of `YUV_ORDERS`.
    """
    stream = frame.reshape(-1)
    if stream.reshape(-1, 4).std(axis=0).max() < FLAT:
        return (
            "the frame is constant: no data comes from the camera, or its test pattern is off: check that it sits "
            "firmly in the shield, and its 3.3 V"
        )
    alike = {length: _alike(stream, length) for length in ROW_LENGTHS}
    length = max(alike, key=alike.__getitem__)
    if alike[length] < ALIKE:
        return (
            "the frame is noise, no two rows are alike: check the wires of PCLK, HREF and of all data bits, or whether "
            "the test pattern is off"
        )
    if length != ROW:
        what = "are missing" if length < ROW else "are too many"
        return f"{abs(ROW - length)} bytes of each row {what}, so that the picture slants: check the wire of PCLK"
    profile = stream.reshape(-1, ROW).mean(axis=0)  # (320,)
    found, moved, fit = _place(profile)
    if fit < ALIKE_ENOUGH:
        return "the frame shows no colour bars: is the camera's test pattern on?"
    faults = []
    if found != order:
        faults.append(f"the byte order is {found}, not {order}: read it with Camera('yuv422', order={found!r})")
    if abs(moved) > NEAR:
        halves = "the halves of the picture are exchanged: each row" if abs(abs(moved) - 80) <= NEAR else "each row"
        faults.append(f"{halves} begins {abs(moved)} pixels off: check the wires of HREF and VSYNC")
    if _bits_exchanged(np.roll(stream, -2 * moved), found):
        faults.append("the data wires D0 and D1 are exchanged: exchange them, or use another shield")
    return "; ".join(faults) or None


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
    if np.median(samples.std(axis=-1)) > NOISY:
        return _spread(_exchanged(samples)) < _spread(samples)
    return _misfit(_exchanged(samples)) < _misfit(samples)


def _exchanged(values: np.ndarray) -> np.ndarray:
    return (values & 0xFC) | (values & 1) << 1 | (values >> 1) & 1


def _spread(samples: np.ndarray) -> float:
    return float(samples.var(axis=-1).sum())


def _misfit(samples: np.ndarray) -> float:
    """Squared misfit of the means of bars, (8, 4, samples), to sums of a constant, red, green and blue."""
    means = samples.mean(axis=-1)
    design = np.column_stack([np.ones(len(ON)), ON])
    misfit = 0.0
    for channel in means.T:
        good = (channel > CLIPPED[0]) & (channel < CLIPPED[1])
        if good.sum() > design.shape[1]:
            solved, *_ = np.linalg.lstsq(design[good], channel[good], rcond=None)
            misfit += float(np.square(design[good] @ solved - channel[good]).sum())
    return misfit
