"""Does a network fit a board? RAM, flash and time, each against its limit, before anything is flashed.

```python
found = fit(Path("nano.tflite").read_bytes(), BOARDS["nano33ble"])
found.ram, found.flash, found.seconds
found.time  # Estimate: lowest, likely, highest
found.sketch.heap  # bytes left when the whole sketch is linked; None for a board that was not linked for
found.problems  # empty, or one line for each limit that is broken, with the operator to look at
```

RAM is exact: the arena is that of the one plan (`embedded.memory.plan`), and kernels ask for what they need for
themselves. Flash and time are estimates, from the constants in `embedded.budget.flash` and
`embedded.budget.instructions`; what is around the network comes from a real link (`embedded.budget.whole_sketch`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from embedded.budget.boards import FRAME_BYTES, NANO, BoardLimits, Figure
from embedded.budget.estimate import Estimate
from embedded.budget.flash import flash_parts
from embedded.budget.instructions import Work, work_of
from embedded.budget.whole_sketch import WholeSketch
from embedded.memory.plan import Plan, first_come, live_bytes, make_plan
from embedded.memory.scratch import limit_beside
from embedded.tflite.graph import Graph
from embedded.tflite.graph_file import read_graph
from embedded.tflite.naming import named
from embedded.tflite.supported import check_for_board
from model.errors import MirnetError

__all__ = ["BudgetLine", "Fit", "fit"]


@dataclass(frozen=True)
class BudgetLine:
    """RAM, flash or time: what is needed, against the limit.

    Attributes:
        name: `RAM`, `flash` or `time`.
        needed: Bytes or seconds.
        limit: What the board allows, and why.
        parts: The summands: name to bytes or seconds.
    """

    name: str
    needed: float
    limit: Figure
    parts: dict[str, float]

    @property
    def fits(self) -> bool:
        """Whether `needed` is within the limit."""
        return self.needed <= self.limit.value


@dataclass(frozen=True, eq=False)
class Fit:
    """Memory and time of a network against the limits of a board.

    Attributes:
        board: The board.
        graph: The network.
        plan: The memory plan.
        works: Cost of each operator, in the order of the plan.
        lines: RAM, flash and time.
        file_bytes: Size of the .tflite file, of which the board gets the constants; None if only a graph was given.
        unplanned: Bytes of the arena if operators ran as they come and wrote nothing in place.
        unsupported: Why the board cannot run it at all; empty if it can.
    """

    board: BoardLimits
    graph: Graph
    plan: Plan
    works: tuple[Work, ...]
    lines: tuple[BudgetLine, BudgetLine, BudgetLine]
    file_bytes: int | None
    unplanned: int
    unsupported: str

    @property
    def ram(self) -> int:
        """Bytes: arena, camera frame and kernels."""
        return int(self.lines[0].needed)

    @property
    def flash(self) -> int:
        """Bytes of the whole sketch, constants and code; an estimate."""
        return int(self.lines[1].needed)

    @property
    def sketch(self) -> WholeSketch | None:
        """RAM of the whole sketch; None if the board is not the one that it was linked for."""
        return WholeSketch(self.lines[0].parts) if self.board.name == NANO.name else None

    @property
    def seconds(self) -> float:
        """Seconds for one picture: the likely ones."""
        return self.lines[2].needed

    @property
    def time(self) -> Estimate:
        """Seconds for one picture."""
        return _time(self.works, self.board)

    @property
    def macs(self) -> int:
        """Multiply–accumulates of all operators."""
        return sum(work.macs for work in self.works)

    @property
    def depthwise_macs(self) -> int:
        """Those in depthwise convolutions: MIRNet's fixed blur, which `explain.tracing.costs` counts apart."""
        return sum(work.macs for work in self.works if work.kind == "DEPTHWISE_CONV_2D")

    @property
    def peak_step(self) -> int:
        """The step at which most bytes are live."""
        live = live_bytes(self.plan, self.graph)
        return live.index(max(live))

    @property
    def at_peak(self) -> str:
        """The operator at the peak: its kind, its index and its layer."""
        return named(self.graph, self.graph.operators[self.plan.order[self.peak_step]])

    def seconds_of(self, work: Work) -> float:
        """Seconds of one operator: the likely ones."""
        return self.board.time(work.instructions, work.cycles).likely

    @property
    def seconds_by_kind(self) -> dict[str, float]:
        """Seconds of all operators of a kind, the slowest kind first; an estimate."""
        sums: Counter[str] = Counter()
        for work in self.works:
            sums[work.kind] += self.seconds_of(work)  # type: ignore[assignment]
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))

    @property
    def problems(self) -> list[str]:
        """One line for each limit that is broken; none if the network fits."""
        ram, flash, time = self.lines
        found = [self.unsupported] if self.unsupported else []
        if not ram.fits:
            found.append(f"{_too_much(ram)}; most is live at {self.at_peak}: take fewer channels or a larger stem")
        if not flash.fits:
            found.append(f"{_too_much(flash)}: take fewer channels, groups or blocks")
        if not time.fits:
            slowest = max(self.works, key=self.seconds_of)
            operator = named(self.graph, self.graph.operators[slowest.operator])
            found.append(
                f"about {time.needed:.1f} s for a picture, and the limit is {time.limit.value:g} s "
                f"({time.limit.source}); the slowest operator is {operator}: take fewer channels or a larger stem"
            )
        return found


def fit(model: Graph | bytes, board: BoardLimits, frame_bytes: int = FRAME_BYTES, seed: int = 0) -> Fit:
    """Computes what a network needs of a board.

    Args:
        model: Bytes of an int8 .tflite file, or its graph.
        board: One of `embedded.budget.boards.BOARDS`.
        frame_bytes: The camera's frame, which stays in memory while the network runs: its result is added to it.
        seed: Of the plan.

    Raises:
        MirnetError: If the bytes are no such file, or `frame_bytes` is no size.
    """
    if isinstance(frame_bytes, bool) or not isinstance(frame_bytes, int) or frame_bytes < 0:
        raise MirnetError(f"frame_bytes must be an integer of at least 0 (0 for no camera), not {frame_bytes!r}")
    graph = read_graph(model) if isinstance(model, bytes) else model
    plan = make_plan(graph, seed)
    works = tuple(work_of(graph, graph.operators[index], limit_beside(plan.peak)) for index in plan.order)
    scratch = max((work.scratch for work in works), default=0)
    ram: dict[str, float] = {"arena": plan.peak, "camera frame": frame_bytes, "kernels": scratch}
    flash: dict[str, float] = {**flash_parts(graph)}
    lines = (
        BudgetLine("RAM", sum(ram.values()), board.ram, ram),
        BudgetLine("flash", sum(flash.values()), board.flash, flash),
        BudgetLine("time", _time(works, board).likely, board.seconds, {}),
    )
    size = len(model) if isinstance(model, bytes) else None
    return Fit(board, graph, plan, works, lines, size, first_come(graph), _unsupported(graph))


def _time(works: Sequence[Work], board: BoardLimits) -> Estimate:
    return sum((board.time(work.instructions, work.cycles) for work in works), Estimate())


def _unsupported(graph: Graph) -> str:
    try:
        check_for_board(graph)
    except MirnetError as error:
        return str(error)
    return ""


def _too_much(line: BudgetLine) -> str:
    parts = " + ".join(f"{name} {size:,.0f}" for name, size in line.parts.items())
    return (
        f"{line.name}: {line.needed:,.0f} B needed ({parts}), and the limit is {line.limit.value:,.0f} B "
        f"({line.limit.source})"
    )
