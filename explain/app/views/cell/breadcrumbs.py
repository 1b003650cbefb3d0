"""Breadcrumbs: the path of cells that led to this one, as the address holds it; bounded, so that it stays short."""

import re
from collections.abc import Sequence

from explain.cell.operands import Place

__all__ = ["LONGEST", "Stop", "read_path", "write_path"]

LONGEST = 12  # stops; the path before that is forgotten

Stop = tuple[str, Place]
"""A cell on the path: its tensor, and its row, column and channel."""


def write_path(stops: Sequence[Stop], names: Sequence[str]) -> str:
    """The last stops as `12.3.5.2~11.3.5.2`: the tensor's number in the order of execution, row, column, channel."""
    numbers = {name: number for number, name in enumerate(names)}
    return "~".join(".".join(map(str, (numbers[name], *place))) for name, place in stops[-LONGEST:])


def read_path(text: str, names: Sequence[str]) -> tuple[list[Stop], bool]:
    """The stops of an address, and whether all of it made sense."""
    found: list[Stop] = []
    parts = text.split("~") if text else []
    for part in parts:
        numbers = [int(each) for each in part.split(".")] if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){3}", part) else []
        if numbers and numbers[0] < len(names):
            found.append((names[numbers[0]], (numbers[1], numbers[2], numbers[3])))
    return found[-LONGEST:], len(found) == len(parts)
