"""Boxes, arrows and labels of a data-flow diagram, as SVG text.

Positions are (along, across): along the flow and across it, in steps. A wide sheet flows to the right, a narrow one
(a phone) downwards; boxes and letters keep their size and stay upright. The colours of its CSS classes stand in
`assets/network_map.css`: the page's own, so that the same drawing serves the light and the dark theme.
"""

from dataclasses import dataclass, field
from html import escape

from explain.app.map.marks import PLAIN, Mark

__all__ = ["MapSheet"]

MARGIN = 8  # pixels around the drawing, for strokes
SUM_RADIUS, DOT_RADIUS = 12, 9
HEAD = 7  # pixels of an arrow head
SMALL, SKIP = 'class="small" ', 'class="skip" '


@dataclass
class MapSheet:
    """A drawing that grows; `svg()` gives its text.

    Attributes:
        wide: Flow to the right, or downwards.
        along: Pixels of a step along the flow.
        across: Pixels of a step across it.
        origin: Pixels (x, y) of the position (0, 0).
        box: Pixels (width, height) of a box.
        picture: Pixels (width, height) that a picture inside a box has to fit.
    """

    wide: bool
    along: float
    across: float
    origin: tuple[float, float]
    box: tuple[float, float] = (76, 42)
    picture: tuple[float, float] = (54, 36)
    _back: list[str] = field(default_factory=list)
    _front: list[str] = field(default_factory=list)
    _ends: tuple[float, float] = (0, 0)

    def point(self, along: float, across: float = 0) -> tuple[float, float]:
        """Pixels (x, y) of a position."""
        steps = (along * self.along, across * self.across)
        x, y = steps if self.wide else steps[::-1]
        return self.origin[0] + x, self.origin[1] + y

    def node(
        self,
        at: tuple[float, float],
        text: str,
        kind: str = "",
        href: str = "",
        hint: str = "",
        chosen: bool = False,
        size: tuple[float, float] | None = None,
        mark: Mark = PLAIN,
    ) -> None:
        """A box with one or more lines of text, and what `mark` adds; with `href` a link, with `hint` a tooltip."""
        x, y = self.point(*at)
        width, height = size or self.box
        frame = (
            f'<rect class="paper" x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" height="{height:g}" '
            f'rx="7"/><rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" height="{height:g}" rx="7"/>'
        )
        # The paper under the tinted box hides the lines that pass behind it.
        lines = [*text.split("\n"), *([mark.note.text] if mark.note and size is None else [])]
        below = self.picture[1] + 4 if mark.picture or mark.slot else 0
        first = y - 7.5 * (len(lines) - 1) - below / 2
        label = "".join(
            f'<text {"" if k == 0 else SMALL}x="{x:g}" y="{first + 15 * k:g}">{escape(line)}</text>'
            for k, line in enumerate(lines)
        )
        if below:
            (wide, high), top = self.picture, first + 15 * (len(lines) - 1) + 11
            place = f'x="{x - wide / 2:g}" y="{top:g}" width="{wide:g}" height="{high:g}"'
            label += f'<image href="{escape(mark.picture)}" {place} aria-hidden="true"/>' if mark.picture else ""
            label += f'<rect class="slot" data-hook="{escape(mark.slot)}" {place}/>' if mark.slot else ""
        self._add_linked(f"{frame}{label}", at, kind, href, hint or text.replace("\n", " "), chosen, mark)
        self._reach(x + width / 2, y + height / 2)

    def dot(
        self,
        at: tuple[float, float],
        text: str,
        kind: str,
        href: str,
        hint: str,
        mark: Mark,
    ) -> None:
        """A small round link with a single letter."""
        x, y = self.point(*at)
        circle = f'cx="{x:g}" cy="{y:g}" r="{DOT_RADIUS}"'
        label = f'<text class="small" x="{x:g}" y="{y:g}">{escape(text)}</text>'
        content = f'<circle class="paper" {circle}/><circle {circle}/>{label}'
        self._add_linked(content, at, kind, href, hint, False, mark)

    def sum(self, at: tuple[float, float]) -> None:
        """A circle with a plus sign, where branches are added."""
        x, y = self.point(*at)
        circle = f'cx="{x:g}" cy="{y:g}" r="{SUM_RADIUS}"'
        self._front.append(
            f'<g class="box" {_place(at)}><title>sum</title><circle class="paper" {circle}/><circle {circle}/>'
            f'<text x="{x:g}" y="{y:g}">+</text></g>'
        )
        self._reach(x + SUM_RADIUS, y + SUM_RADIUS)

    def arrow(self, *corners: tuple[float, float], end: float | None = None, skip: bool = False) -> None:
        """A line through these positions, ending with a head at the border of what stands at the last one.

        Args:
            corners: Positions, the first and the last one the centres of what it connects.
            end: Pixels between the head and the last position; half a box by default.
            skip: Dashed, as a skip connection.
        """
        points = [self.point(*corner) for corner in corners]
        (x, y), (before_x, before_y) = points[-1], points[-2]
        length = max(((x - before_x) ** 2 + (y - before_y) ** 2) ** 0.5, 1)
        gap = self._half(x - before_x, y - before_y) if end is None else end
        ahead_x, ahead_y = (x - before_x) / length, (y - before_y) / length
        tip_x, tip_y = x - ahead_x * (gap + 1), y - ahead_y * (gap + 1)
        points[-1] = (tip_x - ahead_x * HEAD, tip_y - ahead_y * HEAD)
        line = " L".join(f"{x:.4g} {y:.4g}" for x, y in points)
        # No <marker>: its id would have to be unique in the page, and in a hidden drawing it would not show.
        wing_x, wing_y = -ahead_y * HEAD / 2, ahead_x * HEAD / 2
        base_x, base_y = points[-1]
        self._back.append(
            f'<path {SKIP if skip else ""}{_place(corners[-1])} d="M{line}"/>'
            f'<path class="head" d="M{tip_x:.4g} {tip_y:.4g} '
            f'L{base_x + wing_x:.4g} {base_y + wing_y:.4g} L{base_x - wing_x:.4g} {base_y - wing_y:.4g} Z"/>'
        )
        for x, y in [*points, (tip_x, tip_y)]:
            self._reach(x, y)

    def label(
        self, at: tuple[float, float], text: str, style: str = "shape", shift: tuple[float, float] = (0, 0)
    ) -> None:
        """Text beside the flow, moved by `shift` pixels; nothing for an empty one."""
        if not text:
            return
        x, y = self.point(*at)
        for k, line in enumerate(text.split("\n")):
            place = f'x="{x + shift[0]:g}" y="{y + shift[1] + 13 * k:g}"'
            self._front.append(f'<text class="{style}" {place}>{escape(line)}</text>')
        self._reach(x + shift[0], y + shift[1] + 8)

    def zoom(self, at: tuple[float, float], width: float, depth: float) -> None:
        """A wedge that opens from a box to the whole width of what comes below."""
        x, y = self.point(*at)
        half, bottom = self.box[0] / 2, y + self.box[1] / 2
        self._back.insert(
            0,
            f'<path class="zoom" d="M{x - half:g} {bottom:g} H{x + half:g} L{width:g} {bottom + depth:g} H0 Z"/>',
        )
        self._reach(x, bottom + depth - MARGIN)

    def svg(self, title: str, width: float | None = None) -> str:
        """The drawing as an SVG element with an accessible name.

        Args:
            title: What a screen reader says.
            width: Pixels; as wide as its content by default.
        """
        across, down = width or self._ends[0] + MARGIN, self._ends[1] + MARGIN
        content = "".join(self._back + self._front)
        # Links inside must stay reachable, so the role is a group and not one image.
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:g} {down:g}" role="group" '
            f'aria-label="{escape(title)}">{content}</svg>'
        )

    def _add_linked(
        self, content: str, at: tuple[float, float], kind: str, href: str, hint: str, chosen: bool, mark: Mark
    ) -> None:
        shade = ""
        if mark.note:
            kind, hint = f"{kind} shaded", f"{hint}: {mark.note.tooltip}"
            shade = f' style="--shade: {mark.note.shade:.3f}"'
        inside = f'<g class="box {kind}" {_place(at)}{shade}><title>{escape(hint)}</title>{content}</g>'
        if href:
            style = ' class="chosen" aria-current="true"' if chosen else ""
            inside = f'<a href="{escape(href)}" target="_self" aria-label="{escape(hint)}"{style}>{inside}</a>'
        self._front.append(inside)

    @property
    def edge(self) -> float:
        """From the centre of a box to its border along the flow, in steps."""
        return self.box[0 if self.wide else 1] / 2 / self.along

    def _half(self, x: float, y: float) -> float:
        """From the centre of a box to its border, in the direction (x, y)."""
        width, height = self.box
        if abs(x) * height > abs(y) * width:
            return width / 2 * (x * x + y * y) ** 0.5 / abs(x)
        return height / 2 * (x * x + y * y) ** 0.5 / max(abs(y), 1e-9)

    def _reach(self, x: float, y: float) -> None:
        self._ends = (max(self._ends[0], x), max(self._ends[1], y))


def _place(at: tuple[float, float]) -> str:
    """Where a box is, or where an arrow ends, along and across the flow: `play.js` follows it."""
    return f'data-along="{at[0]:.4g}" data-across="{at[1]:.4g}"'
