"""Data of a benchmark: jobs, results, tables. Nothing heavy is imported here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Bench", "BenchJob", "Result", "Table"]

Result = dict[str, Any]
"""What one measurement found: names to numbers, as JSON can hold them."""


@dataclass(frozen=True)
class BenchJob:
    """One measurement, made in a process of its own.

    Attributes:
        name: What is measured; unique within the bench.
        settings: Arguments of the bench's `measure`, as JSON can hold them.
        seconds: About how long it takes; only the progress bar relies on it.
    """

    name: str
    settings: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True)
class Table:
    """A table of results: cells are text, the first column is on the left and the others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Bench:
    """One kind of measurement.

    Attributes:
        name: What it is called on the command line.
        title: One line on what it measures.
        jobs: Its measurements.
        measure: Makes one measurement, with the settings of a job; called in a fresh process.
        tables: Makes tables of jobs and their results. Jobs that have none, since they failed or were not asked for,
            are left out.
        sources: Files that its results depend on beside the network's, as patterns from the project's root.
    """

    name: str
    title: str
    jobs: Sequence[BenchJob]
    measure: Callable[..., Result]
    tables: Callable[[Sequence[tuple[BenchJob, Result]]], list[Table]]
    sources: tuple[str, ...] = ()
