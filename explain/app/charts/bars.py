"""Bars as HTML: they follow every click, take the page's colours, and can be read, pointed at and clicked.

`chart` gives upright bars, each a button for `explain.app.widgets.pointing.chooser`; `spans` gives lying ones with a
number beside each, for sums and shares. All sizes are shares of an axis, so a phone shows the same as a wide window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["STYLE", "Bar", "Span", "chart", "names_of_colours", "spans"]

STYLE = """
.bars { display: flex; gap: 2px; position: relative; padding-top: .35rem; }
.bars button { flex: 1 0 var(--narrowest, .9rem); max-width: var(--widest, 6rem); min-width: 0; font: inherit;
  color: inherit; background: none; border: 0; border-radius: 4px; padding: 0 1px .15rem; cursor: pointer; }
.bars .track { display: flex; flex-direction: column-reverse; position: relative; height: var(--tall, 9rem);
  border-bottom: 1px solid currentColor; overflow: hidden; }
.bars .track i { flex: none; min-height: 2px; box-sizing: border-box; }
.bars .track i + i { border-bottom: 1px solid var(--st-background-color, #fff); }
.bars .mark { position: absolute; left: 0; right: 0; border-top: 1px dashed currentColor; opacity: .75;
  transform: translateY(.5px); }
.bars small { display: block; font-size: .75rem; line-height: 1.3; font-variant-numeric: tabular-nums;
  text-align: center; white-space: nowrap; }
.bars img { width: 100%; display: block; image-rendering: pixelated; margin-top: 3px; border-radius: 2px; }
.bars button:hover { background: color-mix(in srgb, currentColor 12%, transparent); }
.bars button[aria-pressed=true] { background: color-mix(in srgb, var(--st-primary-color, #b45309) 26%, transparent); }
.bars button[aria-pressed=true] small { font-weight: 700; }
button:focus { outline: none; }
button:focus-visible { outline: 2px solid var(--st-primary-color, #b45309); outline-offset: 1px; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1rem; }
.panels > button { font: inherit; color: inherit; background: none; border-radius: 8px; padding: .6rem .8rem;
  border: 2px solid color-mix(in srgb, currentColor 25%, transparent); cursor: pointer; text-align: left; }
.panels > button:hover { background: color-mix(in srgb, currentColor 6%, transparent); }
.panels > button[aria-pressed=true] { border-color: var(--st-primary-color, #b45309); }
.scroll { overflow-x: auto; padding-bottom: .3rem; }
.readout { margin: .4rem 0 0; font-size: .9rem; min-height: 1.3em; line-height: 1.3;
  font-variant-numeric: tabular-nums; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .85rem; }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .35rem;
  vertical-align: -1px; }
.spans { display: grid; grid-template-columns: max-content minmax(4rem, 1fr) max-content; gap: .35rem .8rem;
  font-size: .9rem; margin: 0; }
.spans div { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center; }
.spans dt, .spans dd { margin: 0; padding: 0; font-weight: 400; font-size: inherit; }
.spans .line { position: relative; height: 1.1rem; background: color-mix(in srgb, currentColor 7%, transparent); }
.spans .line i { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 2px; }
.spans .line b { position: absolute; top: -.2rem; bottom: -.2rem; width: 1px; background: currentColor; opacity: .7; }
.spans .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.spans .last { border-top: 1px solid currentColor; padding-top: .35rem; }
.spans .last dt, .spans .last .number { font-weight: 700; }
@media (max-width: 640px) {
  .readout { min-height: 2.6em; }
  .spans div { grid-template-columns: 1fr max-content; row-gap: .15rem; }
  .spans .line { grid-column: 1 / 3; grid-row: 2; }
}
"""


@dataclass(frozen=True)
class Bar:
    """One upright bar.

    Attributes:
        value: What a click on it chooses, such as the number of a channel.
        parts: Its parts from below, at least one.
        words: What is read when it is pointed at, and what a screen reader says.
        lines: Words below it, a line each.
        picture: Address of a picture below it; empty for none.
    """

    value: str
    parts: tuple[float, ...]
    words: str
    lines: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True)
class Span:
    """One lying bar.

    Attributes:
        name: What it is.
        start: Where it begins, on the axis of all spans.
        end: Where it ends.
        number: The number beside it, as text.
        colour: CSS.
        last: Whether it is what the others lead to.
    """

    name: str
    start: float
    end: float
    number: str
    colour: str
    last: bool = False


def chart(
    bars: Sequence[Bar],
    colours: Sequence[str],
    name: str,
    *,
    chosen: str | None = None,
    ends: tuple[float, float] = (0.0, 1.0),
    marks: Sequence[float] = (),
    button: bool = True,
) -> str:
    """Upright bars, each of them a button, and room below for the words of the one that is pointed at.

    Args:
        bars: In order.
        colours: CSS colours of the parts.
        name: For screen readers.
        chosen: Value of the bar that is chosen now; its words stand below at first.
        ends: Numbers at the foot and at the top of the axis. What is below the foot is cut off.
        marks: Numbers that get a dashed line.
        button: Otherwise it is only a picture: without buttons and without words below.
    """
    inside = "".join(_bar(bar, colours, ends, marks, bar.value == chosen, button) for bar in bars)
    label = escape(name, quote=True)
    if not button:
        return f'<div class="bars" role="img" aria-label="{label}">{inside}</div>'
    first = next((bar.words for bar in bars if bar.value == chosen), "")
    return (
        f'<div class="scroll"><div class="bars" data-rove role="group" aria-label="{label}">{inside}</div></div>'
        f'<p class="readout" data-readout>{escape(first)}</p>'
    )


def _bar(
    bar: Bar, colours: Sequence[str], ends: tuple[float, float], marks: Sequence[float], chosen: bool, button: bool
) -> str:
    low, high = ends
    # The first part starts at the foot of the axis, wherever that is.
    heights = [part - (low if k == 0 else 0.0) for k, part in enumerate(bar.parts)]
    parts = "".join(
        f'<i style="height:{_share(height, high - low):.2f}%;background:{colour}"></i>'
        for height, colour in zip(heights, colours, strict=False)
        if height > 0
    )
    lines = "".join(
        f'<span class="mark" style="bottom:{_share(mark - low, high - low):.2f}%"></span>'
        for mark in marks
        if low <= mark <= high
    )
    words = escape(bar.words, quote=True)
    picture = f'<img src="{bar.picture}" alt="">' if bar.picture else ""
    below = "".join(f"<small>{escape(line)}</small>" for line in bar.lines)
    inside = f'<div class="track">{parts}{lines}</div>{picture}{below}'
    if not button:
        return f'<div style="flex:1 1 0;min-width:0">{inside}</div>'
    return (
        f'<button type="button" data-choose="{escape(bar.value, quote=True)}" data-words="{words}" '
        f'aria-label="{words}" aria-pressed="{str(chosen).lower()}">{inside}</button>'
    )


def spans(rows: Sequence[Span], name: str, ends: tuple[float, float] | None = None) -> str:
    """Lying bars with a number beside each.

    Args:
        rows: From above. One that ends before it starts goes to the left: a negative step.
        name: For screen readers.
        ends: Numbers at the left and at the right; by default the least room that holds all, and zero.
    """
    if ends is None:
        places = [0.0, *(place for row in rows for place in (row.start, row.end))]
        ends = (min(places), max(places))
    low, room = ends[0], max(ends[1] - ends[0], 1e-12)
    inside = "".join(_span(row, lambda number: _share(number - low, room)) for row in rows)
    # Streamlit's own style indents a list, and only an inline style wins.
    return f'<dl class="spans" style="padding: 0" aria-label="{escape(name, quote=True)}">{inside}</dl>'


def _span(row: Span, place: Callable[[float], float]) -> str:
    left, right = sorted((place(row.start), place(row.end)))
    bar = f'<i style="left:{left:.2f}%;width:{right - left:.2f}%;background:{row.colour}"></i>'
    zero = f'<b style="left:{place(0.0):.2f}%"></b>'
    return (
        f"<div{' class=last' if row.last else ''}><dt>{escape(row.name)}</dt>"
        f'<dd class="line" aria-hidden="true">{bar}{zero}</dd><dd class="number">{escape(row.number)}</dd></div>'
    )


def names_of_colours(names: Sequence[str], colours: Sequence[str]) -> str:
    """A legend: each name behind its colour."""
    inside = "".join(
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in zip(names, colours, strict=False)
    )
    return f'<div class="key">{inside}</div>'


def _share(part: float, whole: float) -> float:
    """Per cent, within what can be shown."""
    return min(max(100 * part / whole, 0.0), 100.0)
