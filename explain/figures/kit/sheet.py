"""A figure that is filled from the top (see `explain.figures.kit.layout`), drawn by matplotlib."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from explain.figures.kit.blocks import Chart, Frame, Group, Picture, shape_of
from explain.figures.kit.feature_maps import Scale
from explain.figures.kit.layout import NARROWEST_BAR, POINTS, Layout
from explain.figures.kit.themes import SIZES, Theme

__all__ = ["NARROWEST_BAR", "Chart", "Group", "Picture", "Sheet", "shape_of"]

DPI = 128  # 1280 pixels for the usual 10 inches
LINE = 1.3  # points


class Sheet(Layout, Figure):
    """A matplotlib figure with a caption; see `Layout` for its arguments and attributes."""

    def __init__(self, theme: Theme, width: float, title: str, subtitle: str = ""):
        Figure.__init__(self, figsize=(width, width), dpi=DPI, facecolor=theme.background)
        self._placed: list[tuple[Artist, float, float, float, float]] = []
        self._canvas: Axes | None = None
        Layout.__init__(self, theme, width, title, subtitle)

    def words(self, left, top, text, size=SIZES.label, color=None, *, weight="normal", ha="left") -> None:
        """See `Layout`."""
        color = color or self.theme.text
        artist = self.text(0, 0, text, size=size, color=color, weight=weight, ha=ha, va="top")
        self._placed.append((artist, left, top, 0, 0))

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
        axes = self.place(frame.left, frame.top, frame.width, frame.height)
        self.picture(axes, values, scale)
        for spine in axes.spines.values():
            spine.set(color=edge or self.theme.line, linewidth=thick)
        self._title(axes, title, above)

    def put_chart(self, frame: Frame, draw: Callable[[Axes], None], title: str, above: float) -> None:
        """See `Layout`."""
        axes = self.place(frame.left, frame.top, frame.width, frame.height)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        axes.xaxis.label.set(color=self.theme.muted, size=SIZES.small)
        axes.yaxis.label.set(color=self.theme.muted, size=SIZES.small)
        axes.xaxis.labelpad = 1
        self._title(axes, title, above)

    def put_scale(self, frame: Frame, scale: Scale) -> None:
        """See `Layout`."""
        axes = self.place(frame.left, frame.top, frame.width, frame.height, label="colour bar")
        bar = self.colorbar(ScalarMappable(**self.colours(scale)), cax=axes, orientation="horizontal", ticks=[])
        bar.outline.set(edgecolor=self.theme.line, linewidth=0.6)

    def put_line(self, places: Sequence[tuple[float, float]], color: str, arrow: bool = False) -> None:
        """See `Layout`."""
        if self._canvas is None:
            # Axes behind the pictures with inches as their units, so high that nothing lies outside.
            self._canvas = self.place(0, 0, self.width, self.width)
            self._canvas.set(xlim=(0, self.width), ylim=(self.width, 0))
            self._canvas.set_axis_off()
            self._canvas.set_zorder(-1)
        if arrow:
            patch = FancyArrowPatch(places[-2], places[-1], arrowstyle="-|>", mutation_scale=8, shrinkA=0, shrinkB=0)
            patch.set(color=color, linewidth=LINE, clip_on=False)
            self._canvas.add_patch(patch)
            places = places[:-1]
        if len(places) > 1:
            xs, ys = zip(*places, strict=True)
            self._canvas.plot(xs, ys, color=color, linewidth=LINE, solid_joinstyle="round", clip_on=False)

    def end(self, height: float) -> None:
        """See `Layout`."""
        self.set_size_inches(self.width, height)
        for artist, left, top, wide, high in self._placed:
            if isinstance(artist, Axes):
                artist.set_position((left / self.width, 1 - (top + high) / height, wide / self.width, high / height))
            else:
                artist.set(x=left / self.width, y=1 - top / height)

    def place(self, left: float, top: float, width: float, height: float, **options) -> Axes:
        """Axes with their upper left corner at `left`, `top` inches from that of the figure."""
        # The height of the figure is not known yet; the width is, and charts ask for it.
        axes = self.add_axes((left / self.width, 0, width / self.width, 1), **options)
        self._placed.append((axes, left, top, width, height))
        for spine in axes.spines.values():
            spine.set(color=self.theme.line, linewidth=0.8)
        axes.set_facecolor("none")
        axes.tick_params(
            colors=self.theme.line, labelcolor=self.theme.muted, labelsize=SIZES.small, width=0.8, length=3, pad=2
        )
        return axes

    def picture(self, axes: Axes, values: np.ndarray, scale: Scale | None) -> None:
        """Shows a map or a photo in `axes`."""
        axes.set(xticks=[], yticks=[])
        if values.ndim == 3 or scale is None:
            axes.imshow(np.clip(values, 0, 1), aspect="auto")
            return
        axes.imshow(values, **self.colours(scale), aspect="auto")

    def _title(self, axes: Axes, title: str, above: float) -> None:
        axes.set_title(title, loc="left", size=SIZES.label, color=self.theme.text, weight="bold", pad=above * POINTS)
