"""Curves as HTML: lines over steps that take the width there is, with letters that stay as large as the page's.

The lines are an SVG that is stretched; numbers and words are HTML beside it, so a phone shows them at full size. The
SVG is the address of an image: Streamlit takes drawings out of HTML.
"""

import math
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from explain.figures import Theme

__all__ = ["STYLE", "Line", "line_chart", "smoothed", "ticks"]

STYLE = """
.chart { margin: 0; font-size: .8rem; font-variant-numeric: tabular-nums; }
.chart .frame { display: grid; grid-template-columns: max-content minmax(0, 1fr); column-gap: .4rem; }
.chart .ys { position: relative; display: grid; justify-items: end; }
.chart .ys i { visibility: hidden; height: 0; font-style: normal; grid-area: 1 / 1; }
.chart .ys span { position: absolute; right: 0; transform: translateY(50%); line-height: 1; }
.chart img.plot { display: block; width: 100%; height: var(--tall, 14rem); }
.chart .xs { grid-column: 2; position: relative; height: 1.5em; margin-top: .3rem; }
.chart .xs span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.chart .xs span:last-child { transform: translateX(-100%); }
.chart .axis { margin: 0 0 .4rem; opacity: .8; }
.chart .key { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin-top: .2rem; font-size: .85rem; }
.chart .key img { width: 1.8rem; height: .7rem; margin-right: .35rem; vertical-align: middle; display: inline; }
.chart figcaption { font-size: .85rem; line-height: 1.35; margin-top: .3rem; }
"""

SVG = "http://www.w3.org/2000/svg"
DASHES = ("", "6 3", "1.5 3", "9 3 1.5 3", "14 4")
FIFTH = "#d55e00"  # of Okabe and Ito's colours, after those of the theme
MOST_TICKS = 5
ROOM = 0.75  # of the axis; the rest is for the last step
AIR = 0.06  # of the height, above and below the lines
MARKED = (1, 1.5, 2, 3, 5, 7)  # times a power of ten, on a logarithmic axis


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: What the legend calls it.
        points: (step, value), steps rising, at least one.
    """

    name: str
    points: Sequence[tuple[float, float]]


def line_chart(
    lines: Sequence[Line], theme: Theme, name: str, axis: str, caption: str = "", log: bool = False, unit: str = ""
) -> str:
    """Curves over the steps of a training.

    Args:
        lines: Up to as many as there are colours and dashes.
        theme: Colours.
        name: What it shows, for screen readers.
        axis: What the numbers on the left are.
        caption: What to look at.
        log: Whether equal ratios are equally far apart.
        unit: Of the last values that a screen reader says, with a space before it.
    """
    values = [value for line in lines for _, value in line.points]
    last = max(step for line in lines for step, _ in line.points)
    low, high = _ends(min(values), max(values), log)
    marks = _log_ticks(low, high) if log else ticks(low, high)
    steps = [step for step in ticks(0, last) if 0 < step < ROOM * last]

    def x(step: float) -> float:
        return 100 * step / last if last else 0.0

    def y(value: float) -> float:
        return 100 * _share(value, low, high, log)

    grid = "".join(_path([(0, 100 - y(mark)), (100, 100 - y(mark))], theme.line, "", 1, 0.5) for mark in marks)
    curves, key = "", ""
    colours = (*theme.streams, FIFTH)
    for k, line in enumerate(lines):
        colour, dash = colours[k % len(colours)], DASHES[k % len(DASHES)]
        places = [(x(step), 100 - y(value)) for step, value in line.points]
        if len(places) == 1:
            places = [*places, (places[0][0] + 0.5, places[0][1])]
        curves += _path(places, colour, dash, 2)
        if len(lines) > 1:
            swatch = _path([(0, 50), (100, 50)], colour, dash, 2)
            key += f"<span>{_svg(swatch, '')}{escape(line.name)}</span>"
    said = "; ".join(f"{line.name} ends at {line.points[-1][1]:.4g}{unit}" for line in lines)
    plot = _svg(grid + curves, f"{name}: {said}", "plot")
    numbers = [f"{mark:.3g}" for mark in marks] if log else _numbers(marks)
    widest = max(numbers, key=len, default="")
    ys = "".join(
        f'<span style="bottom: {y(mark):.2f}%">{number}</span>' for mark, number in zip(marks, numbers, strict=True)
    )
    xs = "".join(f'<span style="left: {x(step):.2f}%">{_step(step)}</span>' for step in steps)
    end = f"{_step(last)} steps"
    xs += f'<span style="left: 100%">{end}</span>'
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    legend = f'<div class="key">{key}</div>' if key else ""
    return (
        f'<figure class="chart"><p class="axis">{escape(axis)}</p>'
        f'<div class="frame"><div class="ys"><i>{widest}</i>{ys}</div>{plot}<div class="xs">{xs}</div></div>'
        f"{legend}{words}</figure>"
    )


def smoothed(points: Sequence[tuple[float, float]], window: int) -> list[tuple[float, float]]:
    """Each value becomes the mean of the last `window` of them, or of as many as there are."""
    found = []
    for k, (step, _) in enumerate(points):
        last = [value for _, value in points[max(0, k + 1 - window) : k + 1]]
        found.append((step, sum(last) / len(last)))
    return found


def ticks(low: float, high: float) -> list[float]:
    """At most some round numbers within [low, high], evenly spread."""
    span = high - low
    if span <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    step = next(factor * power for factor in (1, 2, 5, 10, 20) if span / (factor * power) <= MOST_TICKS)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [factor * 10.0**power for power in powers for factor in MARKED]
    return [mark for mark in found if low <= mark <= high]


def _ends(low: float, high: float, log: bool) -> tuple[float, float]:
    """The axis: the numbers with a little air."""
    if log:
        air = (high / low) ** AIR if high > low else 1.1
        return low / air, high * air
    air = AIR * (high - low) or 0.5
    return low - air, high + air


def _share(value: float, low: float, high: float, log: bool) -> float:
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return (value - low) / (high - low)


def _svg(inside: str, alt: str = "", kind: str = "") -> str:
    """A drawing 100 wide and 100 high, stretched to whatever room there is."""
    drawing = f'<svg xmlns="{SVG}" viewBox="0 0 100 100" preserveAspectRatio="none">{inside}</svg>'
    url = f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"
    return f'<img class="{kind}" src="{url}" alt="{escape(alt, quote=True)}">'


def _path(places: Sequence[tuple[float, float]], colour: str, dash: str, width: float, opacity: float = 1) -> str:
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    fade = f' opacity="{opacity}"' if opacity < 1 else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" '
        f'vector-effect="non-scaling-stroke"{dashed}{fade}/>'
    )


def _numbers(marks: Sequence[float]) -> list[str]:
    """Evenly spread marks, all with as many digits after the point as the one that needs most."""
    shortest = [f"{mark:.3g}" for mark in marks]
    if any("e" in number for number in shortest):
        return shortest
    digits = max((len(number.partition(".")[2]) for number in shortest), default=0)
    return [f"{mark:.{digits}f}" for mark in marks]


def _step(value: float) -> str:
    return f"{value:,.0f}"
