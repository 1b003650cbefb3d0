"""A frame on the emulated board: input, output, and instructions by kind of operator and part of the network."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from embedded.budget.estimate import Estimate
from embedded.cortexm.run_model import InstructionGroup
from embedded.tflite.naming import PARTS
from explain.analysis.board_run import BoardRun
from explain.figures.kit.charts import horizontal_bars, label_beside
from explain.figures.kit.feature_maps import signed_scale
from explain.figures.kit.part_colours import part_colours, part_legend
from explain.figures.kit.sheet import Chart, Picture, PictureGroup, Sheet
from explain.figures.kit.themes import LIGHT, Theme

__all__ = ["draw_board"]

WIDTH = 12.0  # inches
KB = 1024
MILLION = 1e6
ROW = 0.21  # inches for a bar
KINDS = 12  # bars; the rest goes into one
MARGIN = 1.45  # of the longest bar, for the label beside it


def draw_board(found: BoardRun, theme: Theme = LIGHT, title: str = "") -> Sheet:
    """Draws a run on the board.

    Args:
        found: From `explain.analysis.board_run.run_on_board`.
        theme: Colours.
        title: First line, such as the name of the model.
    """
    board, answer = found.board, found.answer
    seconds = found.seconds(answer.cycles)
    subtitle = (
        f"{answer.instructions / MILLION:.1f} million instructions, {found.each:.2f} for each MAC · "
        f"about {seconds.likely:.1f} s at {board.clock_hz.value / 1e6:.0f} MHz · "
        f"RAM {found.ram / KB:.1f} of {board.ram.value / KB:.0f} KB · "
        f"flash {found.program.flash_bytes / KB:.0f} of {board.flash.value / KB:.0f} KB"
    )
    sheet = Sheet(theme, WIDTH, title or f"A frame on the {board.title}, emulated", subtitle)
    scores = {name: f"{score:.2f} dB to the bright photo" for name, score in found.scores.items()}
    photos = [
        Picture(found.before / 255, "before", scores.get("before", "as the camera sees it")),
        Picture(answer.picture / 255, "after, on the board", scores.get("board", "int8")),
        Picture(found.floating, "the float network", scores.get("float", "float32")),
    ]
    note = f"amplified, mean over colours; {found.near_float:.1f} dB"
    error = Picture(found.difference, "board − float network", note)
    sheet.row(
        PictureGroup(photos),
        PictureGroup([error], signed_scale([error.values], "grey levels of 255")),
        columns=4,
    )
    bars = _merged(answer.by_kind)
    note = "millions of instructions, their share, and how many for each MAC or element"
    sheet.row(
        Chart(_by_kind(found, bars, theme), "by kind of operator", note, height=ROW * len(bars)),
        columns=1,
    )
    parts = _by_part(answer.by_kind)
    sheet.row(
        Chart(_parts(found, parts, theme), "by part of the network", "the same instructions", height=ROW * len(parts)),
        columns=1,
    )
    return sheet.finish(_caption(found))


def _caption(found: BoardRun) -> str:
    first, seconds = found.answer.by_kind[0], found.seconds(found.answer.cycles)
    same = (
        "The board's picture is the emulator's, byte for byte."
        if not found.differing
        else f"{found.differing:,} bytes of the board's picture are not the emulator's."
    )
    return (
        f"{same} {first.name} takes {first.instructions / found.answer.instructions:.0%} of the instructions, "
        f"{first.each:.2f} for each {first.unit}. Seconds are an estimate, "
        f"{seconds.lowest:.1f} to {seconds.highest:.1f}: by the manual of the processor and the waits of its flash."
    )


def _merged(kinds: Sequence[InstructionGroup]) -> list[InstructionGroup]:
    """The kinds that take least as one bar."""
    if len(kinds) <= KINDS:
        return list(kinds)
    shown, rest = kinds[: KINDS - 1], kinds[KINDS - 1 :]
    parts: dict[str, int] = defaultdict(int)
    cycles = sum((kind.cycles for kind in rest), Estimate())
    for kind in rest:
        for part, count in kind.by_part.items():
            parts[part] += count
    operators, instructions = (sum(getattr(kind, what) for kind in rest) for what in ("operators", "instructions"))
    return [*shown, InstructionGroup(f"{len(rest)} other kinds", operators, 0, 0, instructions, dict(parts), cycles)]


def _by_part(kinds: Sequence[InstructionGroup]) -> dict[str, int]:
    sums = {part: sum(kind.by_part.get(part, 0) for kind in kinds) for part in PARTS}
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def _by_kind(found: BoardRun, kinds: Sequence[InstructionGroup], theme: Theme) -> Callable[[Axes], None]:
    colours = part_colours(theme)

    def draw(axes: Axes) -> None:
        for y, kind in enumerate(kinds):
            left = 0.0
            for part in PARTS:
                width = kind.by_part.get(part, 0) / MILLION
                axes.barh(y, width, 0.72, left=left, color=colours[part])
                left += width
            text = f"{kind.name}   {_count(found, kind.instructions)}"
            text += f", {kind.each:.2f} per {kind.unit}" if kind.macs or kind.elements else ""
            label_beside(axes, left, y, text, theme)
        horizontal_bars(axes, len(kinds), 0, MARGIN * max(kind.instructions for kind in kinds) / MILLION)
        part_legend(axes, theme, [Patch(color=colour, label=part) for part, colour in colours.items()])

    return draw


def _parts(found: BoardRun, parts: dict[str, int], theme: Theme) -> Callable[[Axes], None]:
    colours = part_colours(theme)

    def draw(axes: Axes) -> None:
        for y, (part, count) in enumerate(parts.items()):
            axes.barh(y, count / MILLION, 0.72, color=colours[part])
            label_beside(axes, count / MILLION, y, f"{part}   {_count(found, count)}", theme)
        horizontal_bars(axes, len(parts), 0, MARGIN * max(parts.values()) / MILLION)
        axes.set_xlabel("millions of instructions")

    return draw


def _count(found: BoardRun, instructions: int) -> str:
    return f"{instructions / MILLION:.2f} M, {instructions / found.answer.instructions:.1%}"
