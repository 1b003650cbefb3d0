"""A network on a board: a map of the tensor arena over the steps, and the time of each operator."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from embedded.budget.fit import Fit
from embedded.tflite.naming import part_of
from explain.figures.kit.charts import horizontal_bars, label_beside, number_values
from explain.figures.kit.part_colours import part_colours, part_legend
from explain.figures.kit.sheet import Chart, Sheet
from explain.figures.kit.themes import LIGHT, SIZES, Theme

__all__ = ["draw_fit"]

WIDTH = 12.0  # inches
KB = 1024
ROW = 0.2  # inches for the bar of a kind
KINDS = 8  # bars; the rest goes into one
THIN = 0.06  # of all that is needed: no room for a label
FAR = 2.0  # a limit so many times above what is needed is named, not drawn


def draw_fit(found: Fit, theme: Theme = LIGHT, title: str = "") -> Sheet:
    """Draws a network held against a board.

    Args:
        found: From `embedded.budget.fit.fit`.
        theme: Colours.
        title: First line, such as the name of the file.
    """
    ram, flash, time = found.lines
    limits = (
        f"RAM {ram.needed / KB:.1f} of {ram.limit.value / KB:.0f} KB · "
        f"flash about {flash.needed / KB:.0f} of {flash.limit.value / KB:.0f} KB · "
        f"about {time.needed:.2g} of {time.limit.value:g} s a picture"
    )
    sheet = Sheet(theme, WIDTH, title or f"A network on the {found.board.title}", limits)
    sheet.row(
        Chart(
            _memory(found, theme),
            "memory, step by step",
            "one rectangle a tensor; KB from the arena's start",
            height=4.2,
        ),
        columns=1,
    )
    sheet.row(Chart(_steps(found, theme), "time of each operator", "estimate, in ms", height=1.5), columns=1)
    bars = _kinds(found)
    sheet.row(Chart(_by_kind(bars, theme), "time by kind of operator", "estimate", height=ROW * len(bars)), columns=1)
    return sheet.finish(_caption(found))


def _caption(found: Fit) -> str:
    slowest, seconds = next(iter(found.seconds_by_kind.items()))
    plan = found.plan
    arena = f"The arena takes {plan.peak / KB:.1f} KB"
    if plan.peak < found.unplanned:
        arena += f", {1 - plan.peak / found.unplanned:.0%} less than if operators ran as they come"
    if plan.peak == plan.bound:
        arena += "; no order of the operators needs less"
    answer = "It fits." if not found.problems else f"It does not fit. {' '.join(found.problems)}."
    return (
        f"Tensors come and go, and those that never meet share the same bytes. Most is live at {found.at_peak}. "
        f"{arena}. {slowest} takes {seconds / found.seconds:.0%} of the time. {answer}"
    )


def _memory(found: Fit, theme: Theme) -> Callable[[Axes], None]:
    graph, plan, colours = found.graph, found.plan, part_colours(theme)
    end = len(plan.order)

    def draw(axes: Axes) -> None:
        used = {part_of(graph, index) for index in plan.offsets}
        for index in sorted(plan.offsets, key=lambda index: plan.lifetimes[index]):
            first, last = plan.lifetimes[index]
            corner = (first, plan.offsets[index] / KB)
            size = last - first + 1, graph.tensors[index].bytes / KB
            colour = colours[part_of(graph, index)]
            axes.add_patch(Rectangle(corner, *size, facecolor=colour, edgecolor=theme.background, linewidth=0.3))
        _bands(axes, found, theme)
        top = _limit(axes, found, theme)
        axes.set(xlim=(0, end), ylim=(0, top))
        _peak(axes, found, theme, top)
        number_values(axes)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        part_legend(axes, theme, [Patch(color=colours[part], label=part) for part in colours if part in used])

    return draw


def _bands(axes: Axes, found: Fit, theme: Theme) -> None:
    """What lies above the arena all the time."""
    low, needed = found.plan.peak / KB, found.ram / KB
    axes.axhline(low, color=theme.line, linewidth=0.8)
    for name, text in (("kernels", "kernels, for themselves"), ("camera frame", "the camera's frame")):
        size = found.lines[0].parts[name] / KB
        axes.axhspan(low, low + size, color=theme.line, alpha=0.35 if name == "kernels" else 0.6, linewidth=0)
        if size > THIN * needed:
            middle = len(found.plan.order) / 2, low + size / 2
            axes.text(*middle, f"{text}: {size:.1f} KB", ha="center", va="center", size=SIZES.small, color=theme.text)
        low += size


def _limit(axes: Axes, found: Fit, theme: Theme) -> float:
    """The limit as a line, if it is near; the height of the picture in KB."""
    ram = found.lines[0]
    limit, needed = ram.limit.value / KB, ram.needed / KB
    if limit > FAR * needed:
        return needed * 1.15
    axes.axhline(limit, color=theme.accent, linewidth=1.5, linestyle=(0, (5, 3)))
    left = _left(found)
    axes.text(
        len(found.plan.order) * (0.99 if left else 0.01),  # on the side where the peak is not
        limit + 0.01 * max(limit, needed),
        f"limit: {limit:.0f} KB",
        ha="right" if left else "left",
        va="bottom",
        size=SIZES.small,
        color=theme.accent,
        bbox={"facecolor": theme.background, "edgecolor": "none", "pad": 1, "alpha": 0.85},
    )
    return max(limit * 1.1, needed * 1.15)


def _left(found: Fit) -> bool:
    """Whether the peak is in the left half of the picture."""
    return found.peak_step < len(found.plan.order) / 2


def _peak(axes: Axes, found: Fit, theme: Theme, top: float) -> None:
    """Frames the step at which most is live, and says which operator that is."""
    step, left = found.peak_step, _left(found)
    frame = Rectangle((step, 0), 1, found.plan.peak / KB, fill=False, edgecolor=theme.accent, linewidth=1.6, zorder=4)
    axes.add_patch(frame)
    above = found.ram / KB + 0.025 * top
    axes.plot([step + 0.5] * 2, [found.plan.peak / KB, above], color=theme.accent, linewidth=1.2)
    axes.annotate(
        f"most is live here, {found.plan.live / KB:.1f} KB: {found.at_peak}",
        (step + 0.5, above),
        xytext=(0 if left else 4, 2),
        textcoords="offset points",
        ha="left" if left else "right",
        va="bottom",
        fontsize=SIZES.small,
        color=theme.text,
        bbox={"facecolor": theme.background, "edgecolor": "none", "pad": 1, "alpha": 0.85},
    )


def _steps(found: Fit, theme: Theme) -> Callable[[Axes], None]:
    colours = part_colours(theme)

    def draw(axes: Axes) -> None:
        heights = [1000 * found.seconds_of(work) for work in found.works]
        outputs = [found.graph.operators[work.operator].outputs[0] for work in found.works]
        shades = [colours[part_of(found.graph, index)] for index in outputs]
        axes.bar([step + 0.5 for step in range(len(heights))], heights, 1.0, color=shades)
        axes.set(xlim=(0, len(heights)), xlabel="step")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        number_values(axes)

    return draw


def _kinds(found: Fit) -> list[tuple[str, float, float]]:
    """Kind of operator, seconds and share, the slowest first; the fastest kinds as one."""
    pairs = list(found.seconds_by_kind.items())
    shown, rest = (pairs, []) if len(pairs) <= KINDS else (pairs[: KINDS - 1], pairs[KINDS - 1 :])
    if rest:
        shown = [*shown, (f"{len(rest)} other kinds", sum(seconds for _, seconds in rest))]
    return [(name, seconds, seconds / found.seconds if found.seconds else 0.0) for name, seconds in shown]


def _by_kind(bars: list[tuple[str, float, float]], theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        axes.barh(range(len(bars)), [seconds for _, seconds, _ in bars], 0.7, color=theme.streams[0])
        for y, (name, seconds, share) in enumerate(bars):
            label_beside(axes, seconds, y, f"{name}  {1000 * seconds:,.0f} ms, {share:.1%}", theme)
        horizontal_bars(axes, len(bars), 0, 1.3 * max(seconds for _, seconds, _ in bars) or 1)
        axes.set_xlabel("seconds")

    return draw
