"""The same figures as `explain.figures.kit.sheet`, as text: an SVG with its pictures inside, twenty times as fast.

matplotlib takes most of a second for twenty axes. A page on which someone chooses one channel after the other cannot
wait for that. Units are points, 72 to an inch.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from io import BytesIO
from typing import cast

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from PIL import Image

from explain.figures.kit.blocks import Frame
from explain.figures.kit.feature_maps import Scale
from explain.figures.kit.layout import POINTS, Layout
from explain.figures.kit.svg_chart import SvgChart
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["SvgSheet"]

FONTS = "DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif"
ASCENT = 0.76  # from the upper edge of a letter to the line it stands on, as a share of its size
QUALITY = 90  # of photos; maps of numbers lose nothing
PIXELS = 144  # of a screen in an inch of the figure: pictures with less than half of them are shown in squares
SCALE_STEPS = 64
ANCHORS = {"left": "start", "center": "middle", "right": "end"}


class SvgSheet(Layout):
    """A figure as text; see `Layout` for its arguments and attributes.

    Attributes:
        text: The SVG, once it is finished. It is transparent.
    """

    def __init__(self, theme: Theme, width: float, title: str, subtitle: str = ""):
        self.text = ""
        self._lines: list[str] = []
        self._parts: list[str] = []
        super().__init__(theme, width, title, subtitle)

    def words(self, left, top, text, size=SIZES.label, color=None, *, weight="normal", ha="left") -> None:
        """See `Layout`."""
        if text:
            self._write(left, top * POINTS + ASCENT * size, text, size, color or self.theme.text, weight, ha)

    def put_picture(
        self,
        frame: Frame,
        values: np.ndarray,
        scale: Scale | None,
        title: str,
        above: float,
        edge: str = "",
        thick: float = 0.8,
    ) -> None:
        """See `Layout`."""
        if values.ndim == 3 or scale is None:
            address = _photo(values)
        else:
            address = _map(values, scale, getattr(self.theme, scale.kind))
        few = ' image-rendering="pixelated"' if 2 * values.shape[1] < frame.width * PIXELS else ""
        self._parts.append(f'<image {_box(frame)} preserveAspectRatio="none"{few} href="{address}"/>')
        self._parts.append(
            f'<rect {_box(frame)} fill="none" stroke="{edge or self.theme.line}" stroke-width="{thick}"/>'
        )
        self._title(frame, title, above)

    def put_chart(self, frame: Frame, draw: Callable[[Axes], None], title: str, above: float) -> None:
        """See `Layout`."""
        chart = SvgChart(frame, self.theme)
        draw(cast(Axes, chart))  # it has what our charts use of an Axes
        self._parts += chart.parts()
        self._title(frame, title, above)

    def put_scale(self, frame: Frame, scale: Scale) -> None:
        """See `Layout`."""
        steps = np.linspace(scale.low, scale.high, SCALE_STEPS)[None]
        self._parts.append(
            f'<image {_box(frame)} preserveAspectRatio="none" '
            f'href="{_map(steps, scale, getattr(self.theme, scale.kind))}"/>'
            f'<rect {_box(frame)} fill="none" stroke="{self.theme.line}" stroke-width="0.6"/>'
        )

    def put_line(self, places: Sequence[tuple[float, float]], color: str, arrow: bool = False) -> None:
        """See `Layout`."""
        points = np.array(places) * POINTS
        if arrow:
            tip, along = points[-1].copy(), points[-1] - points[-2]
            along = along / max(float(np.hypot(*along)), 1e-9)
            side = np.array([-along[1], along[0]])
            corners = tip, tip - 5 * along + 2 * side, tip - 5 * along - 2 * side
            self._lines.append(f'<polygon points="{_places(corners)}" fill="{color}"/>')
            points[-1] = tip - 4 * along
        self._lines.append(f'<polyline points="{_places(points)}" fill="none" stroke="{color}" stroke-width="1.3"/>')

    def end(self, height: float) -> None:
        """See `Layout`."""
        wide, high = self.width * POINTS, height * POINTS
        self.text = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
            f'viewBox="0 0 {wide:.1f} {high:.1f}" font-family="{FONTS}">{"".join(self._lines + self._parts)}</svg>'
        )

    def _title(self, frame: Frame, title: str, above: float) -> None:
        line = (frame.top - above) * POINTS
        self._write(frame.left, line, title, SIZES.label, self.theme.text, "bold", "left")

    def _write(self, left: float, line: float, text: str, size: float, color: str, weight: str, ha: str) -> None:
        bold = ' font-weight="bold"' if weight == "bold" else ""
        self._parts.append(
            f'<text x="{left * POINTS:.1f}" y="{line:.1f}" font-size="{size}" fill="{color}" '
            f'text-anchor="{ANCHORS[ha]}"{bold}>{escape(text)}</text>'
        )


def _table(colours: str | Colormap) -> bytes:
    """The 256 colours of a colour map, as a palette."""
    return _named_table(colours) if isinstance(colours, str) else _colours_of(colours)


@cache
def _named_table(name: str) -> bytes:
    return _colours_of(colormaps[name])


def _colours_of(colours: Colormap) -> bytes:
    return (colours(np.linspace(0, 1, 256))[:, :3] * 255 + 0.5).astype(np.uint8).tobytes()


def _map(values: np.ndarray, scale: Scale, colours: str | Colormap) -> str:
    """A map of numbers as the address of a picture with a palette: a third of the bytes of one with colours."""
    places = (values - scale.low) * (255 / (scale.high - scale.low)) + 0.5
    picture = Image.fromarray(np.clip(places, 0, 255).astype(np.uint8))
    picture.putpalette(_table(colours))
    return _address(picture, "PNG", compress_level=2)


def _photo(values: np.ndarray) -> str:
    pixels = (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)
    return _address(Image.fromarray(pixels), "WEBP", quality=QUALITY, method=1)


def _address(picture: Image.Image, kind: str, **options: int) -> str:
    content = BytesIO()
    picture.save(content, kind, **options)
    return f"data:image/{kind.lower()};base64,{b64encode(content.getvalue()).decode()}"


def _box(frame: Frame) -> str:
    sides = (value * POINTS for value in (frame.left, frame.top, frame.width, frame.height))
    return 'x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"'.format(*sides)


def _places(points: Sequence | np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
