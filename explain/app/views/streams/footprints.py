"""The pictures of the page about receptive fields: squares, heat and footprints over the photo, as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.analysis.receptive import Field, Seen
from explain.app.compute.photos import brightened
from explain.app.widgets.colour_maps import coloured
from explain.app.widgets.picture_urls import png_url, webp_url

__all__ = [
    "DECADES",
    "PixelBox",
    "around",
    "backdrop",
    "beyond",
    "blended",
    "circles",
    "fits",
    "framed",
    "heat",
    "square",
]

DECADES = 6  # of the heat: global average pooling spreads over the whole photo, a millionth for each pixel
COVER = 0.9  # of the photo under the strongest heat
ESCAPED = str.maketrans({letter: f"%{ord(letter):02X}" for letter in '%#<>"'})  # inside an address, in quotation marks
QUALITY = 85  # a photo under heat is a third of the size of a PNG


@dataclass(frozen=True)
class PixelBox:
    """A part of the photo: rows `top` to below `bottom`, columns `left` to below `right`."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """To cut it out of a picture."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.bottom - self.top, self.right - self.left


@dataclass(frozen=True)
class EffectiveField:
    """The effective receptive field of a pixel, measured once: a radius sorts the whole photo.

    Attributes:
        seen: The gradient and its field.
        half: Within how many pixels half of the gradient lies.
        most: Within how many 90% of it.
        almost_all: Within how many 99% of it.
        inside: Its share inside the theoretical field, from 0 to 1.
    """

    seen: Seen
    half: float
    most: float
    almost_all: float
    inside: float

    @classmethod
    def of(cls, seen: Seen) -> "EffectiveField":
        """Measures the radii, in pixels of the photo, and the share inside."""
        half, most, almost_all = (seen.radius(share) for share in (0.5, 0.9, 0.99))
        return cls(seen, half, most, almost_all, min(seen.share_inside, 1.0))


def around(pixel: tuple[int, int], size: tuple[int, int], side: int, multiple: int) -> PixelBox:
    """A square around a pixel, moved into the photo where it would leave it, smaller where the photo is.

    Args:
        pixel: (row, column).
        size: (height, width) of the photo, multiples of `multiple`.
        side: Of the square, about.
        multiple: Corners are multiples of this, so that the box ends between pixels at all resolutions.
    """
    ends = []
    for place, count in zip(pixel, size, strict=True):
        length = min(-(-side // multiple) * multiple, count)
        start = min(max(place - length // 2, 0), count - length) // multiple * multiple
        ends.append((start, start + length))
    (top, bottom), (left, right) = ends
    return PixelBox(top, left, bottom, right)


def backdrop(photo: np.ndarray) -> np.ndarray:
    """The photo in grey, its brightest hundredth at white and its shadows lifted; (height, width) within [0, 1]."""
    return brightened(photo.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def shades(grey: np.ndarray) -> np.ndarray:
    """(height, width) within [0, 1] as grey pixels (height, width, 3) uint8."""
    return (255 * grey[..., None].repeat(3, axis=-1)).astype(np.uint8)


def heat(gradient: np.ndarray) -> np.ndarray:
    """(height, width) within [0, 1]: 1 for the strongest pixel, 0 for one that is `DECADES` powers of ten weaker."""
    share = np.maximum(gradient / gradient.max(), 10.0**-DECADES)
    return np.maximum(1 + np.log10(share) / DECADES, 0)  # rounding may leave it a little below


def blended(grey: np.ndarray, level: np.ndarray, colour_map: Any) -> np.ndarray:
    """Heat over a grey photo: the stronger, the more it covers; (height, width, 3) uint8."""
    cover = (COVER * np.sqrt(level))[..., None]
    return (coloured(level, colour_map, 0, 1) * cover + 255 * grey[..., None] * (1 - cover) + 0.5).astype(np.uint8)


def framed(pixels: np.ndarray, marks: Sequence[str] = (), sharp: bool = False) -> str:
    """A picture with marks drawn over it, as an address that holds it.

    Args:
        pixels: (height, width, 3) uint8.
        marks: SVG elements in pixels; `square` and `circles` make some.
        sharp: Of few pixels, so that they stay squares: kept exactly. Otherwise it is compressed as photos are.
    """
    height, width = pixels.shape[:2]
    inside = png_url(pixels) if sharp else webp_url(pixels, quality=QUALITY)
    style = ' style="image-rendering:pixelated"' if sharp else ""
    # As large as it is shown: the browser draws the marks at this size, not at that of the pixels.
    scale = max(1, round(720 / width))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width * scale}" '
        f'height="{height * scale}"><image href="{inside}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none"{style}/>{"".join(marks)}</svg>'
    )
    return f"data:image/svg+xml,{svg.translate(ESCAPED)}"


def square(top: float, left: float, bottom: float, right: float, colour: str, width: float, dash: str = "") -> str:
    """The outline of a rectangle, with a dark rim so that it shows on anything."""
    place = f'x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" fill="none"'
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect {place} stroke="#000" stroke-opacity=".6" stroke-width="{2 * width:g}"/>'
        f'<rect {place} stroke="{colour}" stroke-width="{width:g}"{dashed}/>'
    )


def circles(effective: EffectiveField, origin: tuple[int, int], width: float) -> list[str]:
    """Circles around the middle that hold 50% (solid) and 90% (dashed) of the gradient.

    Args:
        effective: Whose gradient.
        origin: (row, column) of the picture's first pixel in the photo.
        width: Of the line.
    """
    row, column = effective.seen.row - origin[0] + 0.5, effective.seen.column - origin[1] + 0.5
    found = []
    for radius, dash in ((effective.half, ""), (effective.most, f"{4 * width:g} {3 * width:g}")):
        place = f'cx="{column:g}" cy="{row:g}" r="{radius:.2f}" fill="none"'
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        found.append(
            f'<circle {place} stroke="#000" stroke-opacity=".6" stroke-width="{2 * width:g}"/>'
            f'<circle {place} stroke="#fff" stroke-width="{width:g}"{dashed}/>'
        )
    return found


def fits(effective: EffectiveField, box: PixelBox) -> bool:
    """Whether some of the circle around 90% of the gradient is in a part of the photo."""
    rows = effective.seen.row - box.top, box.bottom - 1 - effective.seen.row
    columns = effective.seen.column - box.left, box.right - 1 - effective.seen.column
    return effective.most < float(np.hypot(max(rows), max(columns)))


def beyond(field: Field, size: tuple[int, int]) -> str:
    """In words, how much of the photo a field takes and how far it reaches beyond."""
    height, width = size
    out = max(-field.top, -field.left, field.bottom - height, field.right - width)
    text = f"{field.share_of(height, width):.1%} of the photo"
    return text + (f"; it reaches up to {out} pixels beyond the photo's edge" if out > 0 else "")
