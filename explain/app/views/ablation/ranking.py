"""What the ablation bench measured: every part switched off by itself, as bars to choose from and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import streamlit as st

from explain.analysis.ablation import KINDS, ablations
from explain.analysis.ablation.interventions import PARTS
from explain.app.charts.bars import Span
from explain.app.data.shipped_ablations import Measured
from explain.app.widgets.decimals import decimal
from explain.figures import Theme
from model.config import MIRNetConfig

__all__ = ["COLUMNS", "RankedPart", "bars", "ends", "legend", "lines_of", "sorted_lines", "table"]

COLUMNS: Mapping[str, str] = {
    "order": "Order of execution",
    "loss": "Loss",
    "worst": "Worst photo",
    "here": "This photo",
    "rms": "Differs by (rms)",
    "shift": "Brightness",
}
"""What can be sorted by, as the address has it, and for people."""

DIGITS = {"loss": 2, "worst": 2, "here": 2, "rms": 1, "shift": 1}
UNITS = {"loss": "dB", "worst": "dB", "here": "dB", "rms": "levels", "shift": "levels"}
MEANS = ("loss", "rms", "shift")  # over all photos


@dataclass(frozen=True)
class RankedPart:
    """One ablation.

    Attributes:
        key: Its name.
        label: For people.
        kind: One of `KINDS`.
        loss: dB that a photo loses without the part, the mean over the samples; below 0 where they gain.
        worst: The most that any sample loses, in dB.
        here: What the photo in hand loses, in dB; None if it is no sample.
        rms: How far a photo changes, in grey levels, the mean over the samples.
        shift: How much brighter it becomes, in grey levels, the mean over the samples.
    """

    key: str
    label: str
    kind: str
    loss: float
    worst: float
    here: float | None
    rms: float
    shift: float


def lines_of(measured: Measured, config: MIRNetConfig, photo: str) -> list[RankedPart]:
    """The ablations measured on this network in the order of execution; `photo` is the name of the photo in hand."""
    place = measured.photos.index(photo) if photo in measured.photos else None
    found = []
    for one in ablations(config):
        change = measured.changes[one.key]
        here = None if place is None else change.loss[place]
        means = fmean(change.loss), max(change.loss), here, fmean(change.rms), fmean(change.shift)
        found.append(RankedPart(one.key, one.words, one.kind, *means))
    return found


def sorted_lines(lines: Sequence[RankedPart], by: str) -> list[RankedPart]:
    """The lines by one of `COLUMNS`, the largest first; brightness by its size; `order` leaves them as they are."""
    if by == "order":
        return list(lines)
    return sorted(lines, key=lambda line: -_size(getattr(line, by), by))


def bars(lines: Sequence[RankedPart], by: str, on: str, theme: Theme) -> list[Span]:
    """A bar for each line: the number that it is sorted by, or the loss in the order of execution.

    Args:
        lines: What is shown, in this order.
        by: One of `COLUMNS`.
        on: Key of the ablation that is switched off now, alone; or empty.
        theme: Colours.
    """
    name = "loss" if by == "order" else by
    colours = {part: colour for colour, part in legend(theme).items()}
    return [
        Span(
            line.label,
            0.0,
            getattr(line, name),
            f"{_number(line, name)} {UNITS[name]}",
            colours[KINDS[line.kind].part],
            value=line.key,
            chosen=line.key == on,
            more="; ".join(f"{COLUMNS[each]} {_number(line, each)} {UNITS[each]}" for each in _measured(line)),
        )
        for line in lines
    ]


def ends(lines: Sequence[RankedPart], by: str) -> tuple[float, float]:
    """Of the bars' axis: the least and the largest number, and zero. Of all lines: then a filter changes nothing."""
    values = [getattr(line, "loss" if by == "order" else by) for line in lines]
    return min(0.0, *values), max(0.0, *values)


def table(lines: Sequence[RankedPart], photos: int) -> None:
    """Shows all numbers of the lines, in their order; `photos` is how many were measured."""
    shown = _measured(lines[0])
    columns = {"label": st.column_config.TextColumn("Switched off", pinned=True)}
    for name in shown:
        heading = f"{COLUMNS[name]}, {UNITS[name]}" + (f", mean of {photos}" if name in MEANS else "")
        columns[name] = st.column_config.NumberColumn(heading, format=f"%.{DIGITS[name]}f")
    rows = [{"label": line.label} | {name: getattr(line, name) for name in shown} for line in lines]
    st.dataframe(rows, hide_index=True, column_config=columns)


def legend(theme: Theme) -> dict[str, str]:
    """From each colour to the part of the network that has it."""
    return dict(zip(theme.streams, PARTS, strict=False))


def _measured(line: RankedPart) -> list[str]:
    """The columns with numbers that there are for it."""
    return [name for name in UNITS if getattr(line, name) is not None]


def _size(value: float | None, by: str) -> float:
    assert value is not None, "the column of the photo in hand is offered for a sample only"
    return abs(value) if by == "shift" else value


def _number(line: RankedPart, name: str) -> str:
    return decimal(getattr(line, name), DIGITS[name], signed=name == "shift")
