"""The way that led to a cell, as it stands in the address: bounded, so that a long walk does not make it endless."""

import re
from collections.abc import Sequence

from explain.cell.operands import Place

__all__ = ["LONGEST", "Stop", "read_way", "write_way"]

LONGEST = 12  # stops; the way before that is forgotten

Stop = tuple[str, Place]
"""A cell that one came by: its tensor and its place."""


def write_way(stops: Sequence[Stop], names: Sequence[str]) -> str:
    """The last stops as `12.3.5.2~11.3.5.2`: the tensor's number in the order of execution, row, column, channel."""
    numbers = {name: number for number, name in enumerate(names)}
    return "~".join(".".join(map(str, (numbers[name], *place))) for name, place in stops[-LONGEST:])


def read_way(text: str, names: Sequence[str]) -> tuple[list[Stop], bool]:
    """The stops of a stranger's text, and whether all of it made sense.

    Args:
        text: From `write_way`, or anything else.
        names: All tensors, in the order of execution.
    """
    found: list[Stop] = []
    parts = text.split("~") if text else []
    for part in parts:
        numbers = [int(each) for each in part.split(".")] if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){3}", part) else []
        if numbers and numbers[0] < len(names):
            found.append((names[numbers[0]], (numbers[1], numbers[2], numbers[3])))
    return found[-LONGEST:], len(found) == len(parts)
