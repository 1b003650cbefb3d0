"""A small graph as SVG for the pages about resizing: a few lines, a shaded part, marks, and a legend in HTML."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Curve", "plot", "round_ticks"]

WIDTH, HEIGHT = 440, 210  # in the drawing's own units
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 38


@dataclass(frozen=True)
class Curve:
    """A line of the graph.

    Attributes:
        name: In the legend.
        colour: CSS.
        points: (x, y), from left to right.
        dash: SVG's `stroke-dasharray`; empty for a solid line.
        dots: Whether each point has a dot.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dash: str = ""
    dots: bool = False


def plot(
    curves: Sequence[Curve],
    label: str,
    axes: tuple[str, str],
    x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]],
    shaded: tuple[float, float] | None = None,
    marks: Sequence[tuple[float, float, str]] = (),
) -> str:
    """A graph from the first to the last tick of each axis, for `explain.app.widgets.linked`.

    Args:
        curves: What to draw.
        label: What there is to see, for those who do not; plain text.
        axes: What is across, and what is up.
        x_ticks: Places and their words.
        y_ticks: Likewise.
        shaded: From where to where, across.
        marks: Dots (x, y, colour).
    """
    low, high = x_ticks[0][0], x_ticks[-1][0]
    floor, ceiling = y_ticks[0][0], y_ticks[-1][0]

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - floor) / (ceiling - floor) * (HEIGHT - BOTTOM - TOP)

    parts = []
    if shaded:
        ends = [x(min(max(end, low), high)) for end in shaded]
        parts.append(
            f'<rect x="{ends[0]:.1f}" width="{ends[1] - ends[0]:.1f}" y="{TOP}" height="{HEIGHT - BOTTOM - TOP}" '
            'fill="currentColor" fill-opacity=".1"/>'
        )
    for value, words in y_ticks:
        parts.append(
            f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".2"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{escape(words)}</text>'
        )
    for value, words in x_ticks:
        parts.append(f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{escape(words)}</text>')
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 5}" text-anchor="middle">{escape(axes[0])}</text>')
    for curve in curves:
        points = " ".join(f"{x(across):.1f},{y(up):.1f}" for across, up in curve.points)
        dash = f' stroke-dasharray="{curve.dash}"' if curve.dash else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{curve.colour}" stroke-width="2"{dash}/>')
        if curve.dots:
            parts += [_dot(x(across), y(up), 2.6, curve.colour) for across, up in curve.points]
    parts += [_dot(x(across), y(up), 5, colour) for across, up, colour in marks]
    key = "".join(
        f'<span><svg viewBox="0 0 26 8" width="26" height="8" aria-hidden="true"><path d="M0 4H26" stroke-width="2.5" '
        f'stroke="{curve.colour}" stroke-dasharray="{curve.dash or "none"}"/></svg> {escape(curve.name)}</span>'
        for curve in curves
    )
    return (
        '<div style="max-width:38rem;color:var(--st-text-color);font-family:var(--st-font)">'
        f'<div style="font-size:.85rem">{escape(axes[1])}</div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label, quote=True)}" '
        f'style="width:100%;display:block;font-size:12px;fill:currentColor">{"".join(parts)}</svg>'
        f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.85rem">{key}</div></div>'
    )


def round_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Up to seven ticks at round numbers around 0 and all that is drawn, 1, 2 or 5 times a power of ten apart.

    Args:
        low: The smallest number that is drawn.
        high: The largest.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    least = max((high - low) / 4, 1e-9)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= least)
    ends = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    return [(k * step, f"{k * step:.3g}".replace("-", "−")) for k in range(ends[0], ends[1] + 1)]


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'
