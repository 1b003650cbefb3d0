"""Files that commands write beside what they print."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from model.safety.whole_files import check_output, replacing

__all__ = ["check_file", "write_csv"]


def check_file(option: str, path: str | None) -> None:
    """Refuses a path that no file can be written to, before anything slow; None is fine.

    Raises:
        MirnetError: If it is a folder, or in a folder that does not exist.
    """
    if path is not None:
        check_output(path, option)


def write_csv(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes at least one row, all with the same keys, whole or not at all."""
    lines = list(rows)
    with replacing(Path(path)) as unfinished, open(unfinished, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
