"""The table of the ablation bench: every part switched off by itself, as HTML with bars and links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

from explain.analysis.ablation import KINDS, ablations
from explain.analysis.ablation.interventions import PARTS
from explain.app.data.shipped_ablations import Measured
from explain.app.widgets.decimals import decimal
from explain.figures import Theme
from model.config import MIRNetConfig

__all__ = ["COLUMNS", "STYLE", "Line", "lines_of", "sorted_lines", "table"]

COLUMNS: Mapping[str, str] = {
    "order": "Switched off",
    "loss": "Loss",
    "worst": "Worst photo",
    "here": "This photo",
    "rms": "Differs by (rms)",
    "shift": "Brightness",
}
"""What the table can be sorted by, as the address has it, and the column's heading."""

DIGITS = {"loss": 2, "worst": 2, "here": 2, "rms": 1, "shift": 1}
UNITS = {"loss": "dB", "worst": "dB", "here": "dB", "rms": "levels", "shift": "levels"}
MEANS = ("loss", "rms", "shift")  # over all photos

STYLE = """
.ablations { overflow-x: auto; font-size: .875rem; line-height: 1.35; }
.ablations table { border-collapse: collapse; width: 100%; min-width: 40rem; font-variant-numeric: tabular-nums; }
.ablations th, .ablations td { padding: .2rem .5rem; text-align: right; vertical-align: middle;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); font-weight: 400; }
.ablations th:first-child { text-align: left; min-width: 15rem; }
.ablations thead th:nth-child(2) { text-align: left; }
.ablations thead th { white-space: nowrap; font-size: .8rem; }
.ablations thead small { opacity: .7; }
.ablations a { color: inherit; text-decoration-color: color-mix(in srgb, currentColor 40%, transparent);
  text-underline-offset: 2px; }
.ablations a:hover, .ablations a:focus-visible, .ablations [aria-sort] a { text-decoration-color: currentColor;
  text-decoration-thickness: 2px; }
.ablations thead a { text-decoration: none; }
.ablations thead a:hover, .ablations thead a:focus-visible, .ablations [aria-sort] a { text-decoration: underline; }
.ablations tr.on { background: color-mix(in srgb, currentColor 12%, transparent); }
.ablations td.bars { width: 34%; min-width: 9rem; }
.ablations .bar { position: relative; display: block; height: 1.3em; }
.ablations .bar i { position: absolute; top: .2em; bottom: .2em; border-radius: 2px; min-width: 1px; }
.ablations .bar b { position: absolute; font-weight: 400; white-space: nowrap; padding: 0 .3em; }
@media (max-width: 640px) {
  .ablations table { display: block; min-width: 0; }
  .ablations thead, .ablations tbody { display: block; }
  .ablations tr { display: grid; grid-template-columns: minmax(0, 1fr) repeat(var(--numbers), 3.5rem);
    border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  .ablations tr > * { border: 0; padding: .1rem .15rem; min-width: 0; }
  .ablations tr > :first-child { grid-column: 1 / -1; padding-top: .3rem; }
  .ablations td.bars { width: auto; min-width: 0; }
  .ablations thead th { white-space: normal; font-size: .72rem; line-height: 1.2; }
}
.parts { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .85rem; margin: .2rem 0 .6rem; }
.parts i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
"""

WORDS = 0.2  # of the bars' width, for the number beside the longest


@dataclass(frozen=True)
class Line:
    """One ablation.

    Attributes:
        key: Its name.
        words: For people.
        kind: One of `KINDS`.
        loss: dB that a photo loses without the part, the mean over the samples; below 0 where they gain.
        worst: The most that any sample loses, in dB.
        here: What the photo in hand loses, in dB; None if it is no sample.
        rms: How far a photo changes, in grey levels, the mean over the samples.
        shift: How much brighter it becomes, in grey levels, the mean over the samples.
    """

    key: str
    words: str
    kind: str
    loss: float
    worst: float
    here: float | None
    rms: float
    shift: float


def lines_of(measured: Measured, config: MIRNetConfig, photo: str) -> list[Line]:
    """The measured ablations in the order of execution.

    Args:
        measured: From the file.
        config: The network that was measured.
        photo: Name of the photo in hand.
    """
    place = measured.photos.index(photo) if photo in measured.photos else None
    found = []
    for one in ablations(config):
        change = measured.changes[one.key]
        here = None if place is None else change.loss[place]
        means = fmean(change.loss), max(change.loss), here, fmean(change.rms), fmean(change.shift)
        found.append(Line(one.key, one.words, one.kind, *means))
    return found


def sorted_lines(lines: Sequence[Line], by: str) -> list[Line]:
    """The lines by one of `COLUMNS`, the largest first; brightness by its size; `order` leaves them as they are."""
    if by == "order":
        return list(lines)
    return sorted(lines, key=lambda line: -_size(getattr(line, by), by))


def table(
    lines: Sequence[Line],
    all_lines: Sequence[Line],
    by: str,
    on: str,
    link: Callable[..., str],
    theme: Theme,
    photos: int,
) -> str:
    """The table as HTML.

    Args:
        lines: What it shows, in this order.
        all_lines: What the bars' scale is for, so that it stays when a filter changes.
        by: The column that it is sorted by.
        on: Key of the ablation that is switched off now, alone; or empty.
        link: Gives an address for `off=key` or `sort=column`.
        theme: Colours.
        photos: How many were measured.
    """
    shown = [name for name in COLUMNS if name != "here" or lines[0].here is not None]
    head = "".join(_heading(name, by, link, photos) for name in shown)
    ends = min(0.0, *(line.loss for line in all_lines)), max(0.0, *(line.loss for line in all_lines))
    rows = "".join(_row(line, shown, ends, line.key == on, link, theme) for line in lines)
    style = f"--numbers: {len(shown) - 2}"  # columns beside the words and the bars
    return (
        f'<div class="ablations" style="{style}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
    )


def legend(theme: Theme) -> str:
    """What the bars' colours mean."""
    marks = "".join(
        f'<span><i style="background: {colour}"></i>{escape(part)}</span>' for part, colour in _colours(theme).items()
    )
    return f'<div class="parts">{marks}</div>'


def _size(value: float | None, by: str) -> float:
    assert value is not None, "the column of the photo in hand is offered for a sample only"
    return abs(value) if by == "shift" else value


def _heading(name: str, by: str, link: Callable[..., str], photos: int) -> str:
    sort = f' aria-sort="{"other" if name in ("order", "shift") else "descending"}"' if name == by else ""
    mean = f", mean of {photos}" if name in MEANS else ""
    unit = f"{UNITS[name]}{mean}" if name in UNITS else "sort: order of execution"
    mark = " ▾" if name == by else ""
    words = (
        f'<a href="{escape(link(sort=name))}" title="Sort by this column">{COLUMNS[name]}{mark}'
        f"<br><small>{unit}</small></a>"
    )
    return f'<th scope="col"{sort}>{words}</th>'


def _row(
    line: Line, shown: Sequence[str], ends: tuple[float, float], on: bool, link: Callable[..., str], theme: Theme
) -> str:
    title = "Switch it on again" if on else "Switch off this alone"
    address = escape(link(off=None if on else line.key))
    current = ' aria-current="true"' if on else ""
    words = f'<th scope="row"><a href="{address}" title="{title}"{current}>{escape(line.words)}</a></th>'
    cells = [words]
    for name in shown[1:]:
        if name == "loss":
            colour = _colours(theme)[KINDS[line.kind].part]
            cells.append(f'<td class="bars">{_bar(line.loss, ends, colour)}</td>')
        else:
            value = getattr(line, name)
            cells.append(f"<td>{_number(value, name)}</td>")
    return f"<tr{' class=on' if on else ''}>{''.join(cells)}</tr>"


def _number(value: float, name: str) -> str:
    return decimal(value, DIGITS[name], signed=name == "shift")


def _bar(value: float, ends: tuple[float, float], colour: str) -> str:
    """A bar from the common zero line, with its number beside it."""
    low, high = ends
    scale = 100 * (1 - WORDS) / (high - low or 1)
    start, end = sorted(((0 - low) * scale, (value - low) * scale))
    return (
        f'<span class="bar"><i style="left: {start:.2f}%; width: {end - start:.2f}%; background: {colour}"></i>'
        f'<b style="left: {max(end, -low * scale):.2f}%">{_number(value, "loss")}</b></span>'
    )


def _colours(theme: Theme) -> dict[str, str]:
    return dict(zip(PARTS, theme.streams, strict=False))
