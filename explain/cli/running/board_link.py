"""Connection to a real or simulated board, from parsed arguments; its timings and memory as tables.

    with connected(args, console) as link:     # args: --port, --simulated, --model
        picture = link.board.enhance(frame)
        console.print(timing_table(link.fit, link.board.timings()))

For `mirnet view` and `mirnet board-test`; the options are those of `explain.cli.running.board_options`.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from embedded.budget.boards import NANO
from embedded.budget.fit import Fit, fit
from embedded.link.client import Board
from embedded.link.payloads import Info, MemoryReport
from embedded.link.replies import Timings
from embedded.link.simulated_board import model_board
from embedded.models.shipped_models import model_file
from explain.cli.console import plain_table

__all__ = [
    "KindTime",
    "Link",
    "beside_bars",
    "cache_text",
    "connected",
    "memory_summary",
    "memory_text",
    "times_by_kind",
    "timing_table",
]


@dataclass(frozen=True, eq=False)
class Link:
    """A connected board that has answered.

    Attributes:
        board: The client.
        info: What it said of itself.
        model: The bytes of the .tflite file that its network was made of.
        fit: That network held against the Nano: the estimates to compare with.
        simulated: Whether it is a process of this computer.
    """

    board: Board
    info: Info
    model: bytes
    fit: Fit
    simulated: bool

    @property
    def summary(self) -> str:
        """One line: board, network and frame format."""
        network = f"network {self.info.model_hash.hex()}, {len(self.fit.works)} operators"
        return f"{self.info.name}: {network}, frames in {self.info.format}"


@dataclass(frozen=True)
class KindTime:
    """How long all operators of a kind took.

    Attributes:
        kind: As TensorFlow Lite names it.
        operators: How many there are.
        seconds: What the board measured.
        estimate: Seconds that `embedded.budget.fit` expects of the Nano.
    """

    kind: str
    operators: int
    seconds: float
    estimate: float


@contextmanager
def connected(args: argparse.Namespace, console: Console, frame: np.ndarray | None = None) -> Iterator[Link]:
    """The board that the command line names, until the block ends.

    Args:
        args: Parsed arguments with those of `explain.cli.running.board_options`.
        console: Where notes go, and what the sketch logs.
        frame: What the camera of a simulated board sees, (120, 160, 2) uint8; None for one without a camera.

    Raises:
        MirnetError: If the board cannot be reached or was made of another model, or there is no compiler for a
            simulated one.
        OSError: If the model cannot be read.
    """
    model = model_file(args.model).read_bytes()
    found = fit(model, NANO)
    with ExitStack() as stack:
        port = args.port
        if args.simulated:
            with console.status("Making a simulated board: its C code is compiled for this computer"):
                port = stack.enter_context(model_board(model, frame)).line

        def log(text: str) -> None:
            console.print(f"the board says: {text}", style="dim", markup=False, soft_wrap=True)

        board = stack.enter_context(Board(port, model, log=log))
        yield Link(board, board.hello(), model, found, args.simulated)


def beside_bars(out: Console, bars: Console) -> Console:
    """Where to print while bars are shown on `bars`: a terminal that both share is for one console at a time."""
    shared = out.is_terminal and bars.is_terminal
    return bars if shared else out


def times_by_kind(found: Fit, timings: Timings) -> list[KindTime]:
    """Measured and estimated time of each kind of operator, the slowest first; empty if operators were not counted."""
    if len(timings.ticks) != len(found.works):
        return []
    counts: Counter[str] = Counter()
    sums: dict[str, float] = {}
    for work, seconds in zip(found.works, timings.seconds, strict=True):
        counts[work.kind] += 1
        sums[work.kind] = sums.get(work.kind, 0.0) + seconds
    estimates = found.seconds_by_kind
    kinds = [KindTime(kind, counts[kind], seconds, estimates[kind]) for kind, seconds in sums.items()]
    return sorted(kinds, key=lambda each: -each.seconds)


def timing_table(found: Fit, timings: Timings, most: int | None = None) -> Table:
    """Where the time went, beside what was expected.

    Args:
        found: The network held against the Nano.
        timings: From `Board.timings`.
        most: How many kinds, the slowest first; all by default.
    """
    table = plain_table("kind of operator", "operators", "measured", "of all", "estimate for the Nano", "of all")
    kinds, total = times_by_kind(found, timings), sum(timings.seconds)
    for each in kinds[:most]:
        row = _times(each.seconds, total, each.estimate, found.seconds)
        table.add_row(each.kind, str(each.operators), *row)
    if most is not None and (rest := kinds[most:]):
        seconds, estimate = sum(each.seconds for each in rest), sum(each.estimate for each in rest)
        operators = str(sum(each.operators for each in rest))
        table.add_row(f"{len(rest)} other kinds", operators, *_times(seconds, total, estimate, found.seconds))
    name = "all" if kinds else "all (not counted one by one)"
    table.add_row(name, str(len(found.works)), *_times(total, total, found.seconds, found.seconds), style="bold")
    return table


def _times(seconds: float, total: float, estimate: float, expected: float) -> tuple[str, str, str, str]:
    return _ms(seconds), _share(seconds, total), _ms(estimate), _share(estimate, expected)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.{2 if seconds < 0.01 else 1}f} ms"


def _share(part: float, total: float) -> str:
    return f"{part / total:.1%}" if total else ""


def memory_summary(found: Fit, memory: MemoryReport) -> str:
    """One line: arena, stack and heap of the board, and how much of the code its instruction cache served."""
    cache = cache_text(memory)
    return f"Memory: {memory_text(found, memory)}.{f' Instruction cache: {cache}' * bool(cache)}"


def memory_text(found: Fit, memory: MemoryReport) -> str:
    """Arena, stack and heap of the board."""
    arena = _bytes(memory.arena)
    if memory.arena is not None:
        arena += " as planned" if memory.arena == found.plan.peak else f", but {found.plan.peak:,} B are planned"
    return f"arena {arena}; stack at most {_bytes(memory.stack_peak)}; free heap {_bytes(memory.free_heap)}"


def cache_text(memory: MemoryReport) -> str:
    """Hits and misses of the instruction cache; empty where the board cannot tell."""
    if memory.cache_hits is None or memory.cache_misses is None:
        return ""
    fetches = memory.cache_hits + memory.cache_misses
    if not fetches:
        return "it counted nothing; is it off?"
    return f"{memory.cache_hits / fetches:.2%} of {fetches:,} fetches hit, {memory.cache_misses:,} missed."


def _bytes(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,} B"
