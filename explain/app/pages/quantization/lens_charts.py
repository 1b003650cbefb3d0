"""The drawings of the quantization lens, as HTML that takes the page's colours and width."""

import math
from base64 import b64encode
from collections.abc import Sequence
from html import escape

import numpy as np

from embedded.tflite.naming import PARTS, part_of_hook
from explain.app.data.board_measurements import TensorCost
from explain.app.pages.quantization.rounding_grid import Grid, Histogram
from explain.app.widgets.decimals import decimal
from explain.figures import Theme
from explain.figures.kit.part_colours import part_colours

__all__ = ["STYLE", "bits_chart", "decibels", "digits", "grid_chart", "number", "pairs", "way", "way_words"]

STYLE = """
.lens { font-size: .8rem; font-variant-numeric: tabular-nums; margin: 0; }
.lens .plot { position: relative; height: var(--tall, 10rem); border-bottom: 1px solid currentColor; }
.lens .plot img { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
.lens .plot i { position: absolute; box-sizing: border-box; }
.lens .plot i.zero { left: 0; right: 0; border-top: 1px dashed currentColor; opacity: .6; }
.lens .plot i.band { top: 0; bottom: 0; opacity: .16; }
.lens .plot i.mark { border-radius: 50%; transform: translate(-50%, -50%); }
.lens .ends { position: relative; height: 2.7em; line-height: 1.3; margin-top: .2rem; }
.lens .ends span { position: absolute; white-space: nowrap; text-align: center; transform: translateX(-50%); }
.lens .ends span:first-child { transform: none; text-align: left; }
.lens .ends span:last-child { transform: translateX(-100%); text-align: right; }
.lens .key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .2rem 0; }
.lens .key i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .35rem;
  vertical-align: -1px; }
.lens .key i.ring { border: 2px solid; border-radius: 50%; box-sizing: border-box; }
.lens .key i.dot { border-radius: 50%; }
.lens figcaption { font-size: .85rem; line-height: 1.35; margin-top: .3rem; }
.bits { display: flex; align-items: flex-end; gap: .4rem; max-width: 34rem; }
.bits div { flex: 1 1 0; text-align: center; font-size: .8rem; min-width: 0; font-variant-numeric: tabular-nums; }
.bits i { display: block; border-radius: 3px 3px 0 0; margin-top: .15rem; }
.bits div.chosen { font-weight: 700; }
"""

TOP = 60.0  # dB; above it the curve of what is nearly exact is cut off


def number(value: float) -> str:
    """A real number with three digits that count."""
    return digits(value, 3)


def digits(value: float, count: int) -> str:
    """A real number with as many digits that count as an example's arithmetic needs."""
    return "0" if value == 0 else f"{value:.{count}g}".replace("-", "−")


def decibels(value: float) -> str:
    """An SQNR in words."""
    return f"{decimal(value, 1)} dB" if math.isfinite(value) else ("exact" if value > 0 else "no signal")


def way(names: Sequence[str], near: Sequence[float], costs: Sequence[TensorCost], theme: Theme) -> str:
    """All tensors from the first to the last: how near int8 is on this photo, and what each costs; for `cursor`."""
    colours = part_colours(theme)
    shades = [colours[part_of_hook(name)] for name in names]
    heights = [TOP if value == math.inf else min(max(value, 0.0), TOP) for value in near]
    bars = "".join(
        f'<rect x="{k + 0.08:.2f}" y="{TOP - height:.1f}" width=".84" height="{max(height, 0.4):.1f}" fill="{shade}" '
        f'fill-opacity="{0.35 if near[k] == math.inf else 1}"/>'
        for k, (height, shade) in enumerate(zip(heights, shades, strict=True))
    )
    lines = "".join(
        f'<span class="line" style="bottom:{100 * level / TOP:.1f}%;opacity:.25"></span>' for level in (20, 40)
    )
    words = [f'<span style="bottom:{100 * level / TOP:.1f}%">{level} dB</span>' for level in (0, 20, 40)]
    high, low = (edge(0.0, *(each.cost for each in costs)) * 1.1 for edge in (max, min))
    room = high - low
    small = "".join(
        f'<rect x="{k + 0.08:.2f}" y="{high - max(each.cost, 0):.5f}" width=".84" '
        f'height="{max(abs(each.cost), room / 120):.5f}" fill="{shade}"/>'
        for k, (each, shade) in enumerate(zip(costs, shades, strict=True))
    )
    marks = [
        f'<span style="bottom:{100 * (mark - low) / room:.1f}%">{decimal(mark, 2, signed=True)}</span>'
        for mark in _marks(low, high)
    ]
    zero = f'<span class="line" style="bottom:{-100 * low / room:.1f}%"></span>'
    key = "".join(f'<span><i style="background:{colours[part]}"></i>{escape(part)}</span>' for part in PARTS)
    svg = '<svg preserveAspectRatio="none" aria-hidden="true" viewBox="0 {} {} {}">{}</svg>'
    return (
        '<div class="scroll"><div class="chart">'
        "<h4>how near int8 is to float <small>SQNR on this photo; higher is nearer</small></h4>"
        f'<div class="axis">{"".join(words)}</div><div class="plot" style="height:9rem">'
        f"{svg.format(0, len(names), TOP, bars)}{lines}</div>"
        f"<h4>what rounding it alone costs <small>dB of the restored picture, mean of the project's pairs; "
        "below 0 it gains</small></h4>"
        f'<div class="axis">{"".join(marks)}</div><div class="plot" style="height:6rem">'
        f"{svg.format(0, len(names), f'{room:.5f}', small)}{zero}</div>"
        f'</div></div><div class="key">{key}</div>'
    )


def way_words(names: Sequence[str], near: Sequence[float], costs: Sequence[TensorCost]) -> list[str]:
    """What is read out of each tensor."""
    return [
        f"{k + 1} of {len(names)}: {name} · SQNR {decibels(value)} · alone it costs "
        f"{decimal(cost.cost, 3, signed=True)} dB"
        for k, (name, value, cost) in enumerate(zip(names, near, costs, strict=True))
    ]


def grid_chart(counts: Histogram, grid: Grid, theme: Theme) -> str:
    """How often each whole number occurs, on the grid of 256; heights are logarithms."""
    most = math.log1p(max(int(counts.int8.max()), int(counts.real.max())))
    width = len(counts.int8)

    def up(count: int) -> float:
        return 100 * math.log1p(int(count)) / most if most else 0.0

    ends = (0, width - 1)
    bars = "".join(
        f'<rect x="{k}" y="{100 - up(count):.1f}" width="1" height="{up(count):.1f}" '
        f'fill="{theme.accent if k in ends else theme.streams[0]}"/>'
        for k, count in enumerate(counts.int8)
        if count
    )
    steps = " ".join(
        f"L{k} {100 - up(count):.1f} L{k + 1} {100 - up(count):.1f}" for k, count in enumerate(counts.real)
    )
    outline = (
        f'<path d="M0 100 {steps} L{width} 100" fill="none" stroke="{theme.text}" stroke-opacity=".75" '
        'vector-effect="non-scaling-stroke"/>'
    )
    middle = grid.zero_point - grid.low
    zero = (
        f'<line x1="{middle + 0.5}" x2="{middle + 0.5}" y1="0" y2="100" stroke="{theme.streams[2]}" stroke-width="2" '
        'stroke-dasharray="4 3" vector-effect="non-scaling-stroke"/>'
    )
    # As a picture: Streamlit takes drawings out of HTML.
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 100" preserveAspectRatio="none">'
        f"{bars}{outline}{zero}</svg>"
    )
    low, high = grid.ends
    words = [(0.0, f"{decimal(grid.low, 0)}<br>= {number(low)}"), (100.0, f"{grid.high}<br>= {number(high)}")]
    share = 100 * (middle + 0.5) / width
    if 16 < share < 84:
        words.insert(1, (share, f"{decimal(grid.zero_point, 0)}<br>= 0"))
    labels = "".join(f'<span style="left:{place:.1f}%">{text}</span>' for place, text in words)
    alt = (
        f"Histogram of {counts.size:,} numbers over the {width} whole numbers from {grid.low} to {grid.high}; "
        f"{counts.at_ends[0]:,} at {grid.low} and {counts.at_ends[1]:,} at {grid.high}; zero point {grid.zero_point}"
    )
    key = (
        f'<span><i style="background:{theme.streams[0]}"></i>int8</span>'
        f'<span><i style="background:{theme.accent}"></i>int8 at the ends</span>'
        '<span><i style="border:1px solid;box-sizing:border-box"></i>float, on the same grid</span>'
        f'<span><i style="background:{theme.streams[2]}"></i>zero point {decimal(grid.zero_point, 0)}</span>'
    )
    return (
        f'<figure class="lens"><div class="key">{key}</div><div class="plot">'
        f'<img src="{_picture(drawing)}" alt="{escape(alt, quote=True)}"></div>'
        f'<div class="ends">{labels}</div><figcaption>One bar for each of the {width} whole numbers, so a bar is one '
        f"step, {number(grid.scale)}, wide; its height is the logarithm of how often the number occurs. Where the bars "
        "are not the outline, errors from earlier layers have moved the values.</figcaption></figure>"
    )


def pairs(real: np.ndarray, back: np.ndarray, chosen: int, grid: Grid, theme: Theme, rounded: str = "int8") -> str:
    """A tensor without height and width: every float number as a ring, and the rounded one as a dot.

    Args:
        real: (rows, channels), one row for each stream of an SKFF, else one.
        back: The rounded ones, as real numbers.
        chosen: The channel that is marked.
        grid: The grid that they are rounded on.
        theme: Colours.
        rounded: What the rounded ones are called.
    """
    rows, channels = real.shape
    low = min(float(real.min()), float(back.min()), 0.0)
    high = max(float(real.max()), float(back.max()), 0.0)
    room = (high - low) or 1.0
    low, high = low - 0.06 * room, high + 0.06 * room

    def up(value: float) -> float:
        return 100 * (high - float(value)) / (high - low)

    marks = []
    for row in range(rows):
        colour = theme.streams[row]
        for channel in range(channels):
            left = 100 * (channel + (row + 1) / (rows + 1)) / channels
            for kind, values in (("ring", real), ("dot", back)):
                look = f"border:2px solid {colour}" if kind == "ring" else f"background:{colour}"
                size = ".72rem" if kind == "ring" else ".36rem"
                marks.append(
                    f'<i class="mark" style="left:{left:.2f}%;top:{up(values[row, channel]):.2f}%;width:{size};'
                    f'height:{size};{look}"></i>'
                )
    band = (
        f'<i class="band" style="left:{100 * chosen / channels:.2f}%;width:{100 / channels:.2f}%;'
        f'background:{theme.accent}"></i>'
    )
    zero = f'<i class="zero" style="top:{up(0):.2f}%"></i>'
    streams = (
        "".join(f'<span><i style="background:{theme.streams[k]}"></i>stream {k + 1}</span>' for k in range(rows))
        if rows > 1
        else ""
    )
    ends = f"from {number(real.min())} to {number(real.max())}"
    alt = f"{rows * channels} numbers, float as rings and {rounded} as dots, {ends}"
    return (
        f'<figure class="lens"><div class="key"><span><i class="ring"></i>float</span>'
        f'<span><i class="dot" style="background:currentColor"></i>{rounded}</span>{streams}</div>'
        f'<div class="plot" role="img" aria-label="{escape(alt)}" style="--tall:13rem">'
        f"{band}{zero}{''.join(marks)}</div>"
        f'<div class="ends"><span style="left:0">channel 0</span><span style="left:100%">channel {channels - 1}</span>'
        f"</div><figcaption>One number for each channel"
        f"{' and stream' if rows > 1 else ''}: no map to draw. Where a dot leaves its ring, the rounded number is "
        f"another one; the dashed line is 0, and one step is {number(grid.scale)}.</figcaption></figure>"
    )


def bits_chart(values: Sequence[tuple[int, float]], chosen: int, theme: Theme) -> str:
    """SQNR for each number of bits."""
    top = max((value for _, value in values if math.isfinite(value)), default=0.0) or 1.0
    inside = "".join(
        f'<div class="{"chosen" if bits == chosen else ""}">{decibels(value)}'
        f'<i style="height:{max(0.0, 5 * min(value, top) / top):.2f}rem;'
        f'background:{theme.accent if bits == chosen else theme.streams[0]}"></i>{bits} bits</div>'
        for bits, value in values
    )
    return f'<div class="bits" role="img" aria-label="SQNR for 2 to 8 bits">{inside}</div>'


def _picture(drawing: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"


def _marks(low: float, high: float) -> tuple[float, ...]:
    """A few round numbers of an axis."""
    step = 0.02
    return tuple(k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1))
