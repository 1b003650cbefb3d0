"""Structure of a MIRNet: the call site of each component, and what it takes its input from.

A call site is a path: `rrg_1/mrb_2` is a block, and the components in it are its `block_parts`:

    block_parts(streams=3, columns=2)[2]  # Part("dau", "column_1", 2, 2, ("column_1/down_2",)), its name column_1/dau_2
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from model.config import MIRNetConfig

__all__ = ["MERGE", "Part", "block_parts", "block_sites", "exchange_place", "group_sites"]

MERGE = "merge"
"""The part of a block that brings all streams to full resolution."""


@dataclass(frozen=True)
class Part:
    """A component of a multi-scale residual block.

    Attributes:
        kind: `dau`, `skff`, `down` or `up`.
        place: Part of the block: `column_1`, `exchange`, `column_2`, `exchange_2`, ..., `merge`.
        stream: Stream, from 1 (full resolution); for a resizing module the one it reads.
        to: The stream of its output: another one for a resizing module.
        sources: Where its inputs come from: names of other parts of the block, or `in`, the input of the block.
    """

    kind: str
    place: str
    stream: int
    to: int
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its call site, below that of the block."""
        return f"{self.place}/{self.kind}{self._number}"

    @property
    def _number(self) -> str:
        if self.place == MERGE:
            return "" if self.kind == "skff" else f"_{self.stream}"
        if self.kind in ("dau", "skff"):
            return f"_{self.stream}"
        return f"_{self.to}" if self.place == "column_1" else f"_{self.stream}_{self.to}"


def group_sites(config: MIRNetConfig) -> tuple[str, ...]:
    """The call sites of all groups, in the order of execution."""
    return tuple(f"rrg_{group}" for group in range(1, config.groups + 1))


def block_sites(config: MIRNetConfig) -> tuple[str, ...]:
    """The call sites of all blocks, in the order of execution."""
    return tuple(f"{group}/mrb_{block}" for group in group_sites(config) for block in range(1, config.blocks + 1))


def exchange_place(number: int) -> str:
    """The place of an exchange between columns, from 1."""
    return "exchange" if number == 1 else f"exchange_{number}"


@cache
def block_parts(streams: int, columns: int) -> tuple[Part, ...]:
    """The components of a block, in the order of execution.

    Args:
        streams: How many streams the block has.
        columns: How many columns of dual attention units.
    """
    parts = list(_opened(streams))
    units = _units("column_1", streams)
    for number in range(1, columns):
        place, column = exchange_place(number), f"column_{number + 1}"
        for to in range(1, streams + 1):
            parts += _fused(place, to, units)
        fused = [Part("skff", place, k, k).name for k in range(1, streams + 1)]
        parts += [Part("dau", column, k, k, (source,)) for k, source in enumerate(fused, 1)]
        units = _units(column, streams)
    return (*parts, *_fused(MERGE, 1, units))


def _opened(streams: int) -> Iterator[Part]:
    """The first column: each lower stream is the one above after its attention, at half the resolution."""
    source = "in"
    for k in range(1, streams + 1):
        if k > 1:
            halved = Part("down", "column_1", k - 1, k, (source,))
            yield halved
            source = halved.name
        unit = Part("dau", "column_1", k, k, (source,))
        yield unit
        source = unit.name


def _fused(place: str, to: int, units: tuple[str, ...]) -> Iterator[Part]:
    """All streams brought to one resolution, and their fusion."""
    sources = []
    for k, unit in enumerate(units, 1):
        if k != to:
            resized = Part("down" if k < to else "up", place, k, to, (unit,))
            yield resized
            unit = resized.name
        sources.append(unit)
    yield Part("skff", place, to, to, tuple(sources))


def _units(column: str, streams: int) -> tuple[str, ...]:
    return tuple(f"{column}/dau_{k}" for k in range(1, streams + 1))
