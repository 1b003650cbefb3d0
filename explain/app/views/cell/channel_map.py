"""A tensor as a picture to point at: a map of one channel, or, without height and width, all its numbers."""

import math
from dataclasses import dataclass

import numpy as np

from explain.app.compute.photos import brightened
from explain.app.views.cell.drawing_parts import ink
from explain.app.views.streams.footprints import framed, square
from explain.app.widgets.colour_maps import colour_indices, coloured, colours, legend
from explain.app.widgets.decimals import minus
from explain.app.widgets.picture_urls import palette_url, webp_url
from explain.cell.operands import Place
from explain.figures import Theme

__all__ = ["ChannelScale", "Plane", "photo_url", "picture", "plane_of"]

BROAD = 6  # a picture is at most so many times as wide as it is high, or as high as wide
PHOTO = 240  # pixels that the photo beside it is wide, or high
FEW = 12  # numbers side by side that can be written into their boxes
BOX = 64  # of such a picture: what a number's box is wide, in the drawing's own units


@dataclass(frozen=True, eq=False)
class Plane:
    """What is pointed at.

    Attributes:
        values: (rows, columns) of the picture.
        text: What runs down and what across.
        axes: Which axes of the tensor these are.
    """

    values: np.ndarray
    text: str
    axes: tuple[int, int]

    @property
    def is_map(self) -> bool:
        """Whether rows and columns are positions in the photo."""
        return self.axes == (0, 1)

    def pixel(self, place: Place) -> tuple[int, int]:
        """Where a number of the tensor is in the picture."""
        return place[self.axes[0]], place[self.axes[1]]

    def place(self, pixel: tuple[int, int], before: Place) -> Place:
        """The number of the tensor at a place of the picture; what the picture has no axis for stays as it was."""
        found = list(before)
        found[self.axes[0]], found[self.axes[1]] = pixel
        return found[0], found[1], found[2]


@dataclass(frozen=True)
class ChannelScale:
    """What its colours mean.

    Attributes:
        colour_map: The colours.
        low: The number that gets the first.
        high: The number that gets the last.
    """

    colour_map: str
    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray, name: str, theme: Theme) -> "ChannelScale":
        """Gates and weights from 0 to 1; what is never below 0 from 0; all else around 0."""
        if name.rpartition("/")[2] in ("gate", "weights"):
            return cls(theme.gate, 0.0, 1.0)
        limit = float(np.percentile(np.abs(values), 99.5)) or 1.0
        return cls(theme.activity, 0.0, limit) if values.min() >= 0 else cls(theme.signed, -limit, limit)

    def url(self, values: np.ndarray) -> str:
        """A picture of numbers as an address that holds it."""
        return palette_url(_shaped(colour_indices(values, self.low, self.high)), colours(self.colour_map))

    def pixels(self, values: np.ndarray) -> np.ndarray:
        """Its colours for numbers: (height, width, 3) uint8."""
        return coloured(values, self.colour_map, self.low, self.high)

    @property
    def legend(self) -> str:
        """A bar of its colours, as HTML."""
        return legend(self.colour_map, minus(f"{self.low:.3g}"), f"{self.high:.3g}", "0" if self.low < 0 else "")


def plane_of(values: np.ndarray, channel: int) -> Plane:
    """The picture of a tensor (rows, columns, channels), for a map that of one channel."""
    rows, columns, channels = values.shape
    if columns > 1:
        return Plane(values[..., channel], "", (0, 1))
    if rows > channels:
        return Plane(values[:, 0].T, "Down: channels; across: rows", (2, 0))
    text = "Across: channels" if rows == 1 else "Down: rows (SKFF: streams); across: channels"
    return Plane(values[:, 0], text, (0, 2))


def picture(plane: Plane, scale: ChannelScale, place: Place, theme: Theme) -> str:
    """The picture of a tensor as an address that holds it.

    Without height and width there are few numbers, and cross lines alone would be hard to find on their large boxes:
    the chosen one has a frame, and each its number in a corner, beside the lines.

    Args:
        plane: The picture.
        scale: Its colours.
        place: The chosen number.
        theme: The colour of the frame.
    """
    if plane.is_map:
        return scale.url(plane.values)
    rows, columns = plane.values.shape
    pixels = _shaped(scale.pixels(plane.values)).repeat(BOX, axis=0).repeat(BOX, axis=1)
    high, wide = pixels.shape[0] // rows, pixels.shape[1] // columns
    row, column = plane.pixel(place)
    edge = max(BOX, min(high, wide)) / 16
    inset = edge / 2
    top, left = row * high + inset, column * wide + inset
    marks = [square(top, left, top + high - edge, left + wide - edge, theme.accent, edge / 1.5)]
    if columns <= FEW:
        marks += [
            _written(plane.values[at], scale, pixels[at[0] * high, at[1] * wide], (at[0] * high, at[1] * wide))
            for at in np.ndindex(rows, columns)
        ]
    return framed(pixels, marks, sharp=True)


def _written(value: float, scale: ChannelScale, colour: np.ndarray, corner: tuple[int, int]) -> str:
    """A number in the corner of its box, with as many digits as the scale is fine; SVG."""
    reach = max(abs(scale.low), abs(scale.high))
    digits = min(max(2 - math.floor(math.log10(reach)), 0), 3)
    return (
        f'<text x="{corner[1] + 6}" y="{corner[0] + 24}" font-family="sans-serif" font-size="17" '
        f'fill="{ink(colour)}">{minus(f"{value:.{digits}f}")}</text>'
    )


def photo_url(picture: np.ndarray) -> str:
    """The photo (height, width, 3) uint8, small and brighter than it is, as an address that holds it."""
    return webp_url((255 * brightened(picture)).astype(np.uint8), PHOTO, quality=85)


def _shaped(places: np.ndarray) -> np.ndarray:
    """The same picture with every row, or every column, several times: a line would be too thin to point at."""
    height, width = places.shape[:2]
    times = -(-width // (BROAD * height)), -(-height // (BROAD * width))
    if height == width == 1:
        times = (1, BROAD)
    return places.repeat(times[0], axis=0).repeat(times[1], axis=1)
