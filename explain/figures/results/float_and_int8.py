"""Float against int8: PSNR lost by each quantized tensor, SQNR from layer to layer, and error maps."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from embedded.tflite.naming import PARTS, part_of_hook
from explain.analysis.precision import HookCost, Precision
from explain.figures.kit.charts import horizontal_bars, label_beside, number_values
from explain.figures.kit.feature_maps import activity_scale, signed_scale
from explain.figures.kit.part_colours import part_colours, part_legend
from explain.figures.kit.sheet import Chart, Picture, PictureGroup, Sheet, shape_of
from explain.figures.kit.themes import LIGHT, SIZES, Theme
from explain.tracing.sites import label

__all__ = ["draw_precision"]

WIDTH = 12.0  # inches
ROW = 0.23  # inches for the bar of a hook point
SHOWN = 14  # bars
MAPS = 3  # hook points with height and width that are drawn as maps


def draw_precision(found: Precision, theme: Theme = LIGHT, title: str = "") -> Sheet:
    """Draws a comparison of the float network with the board's.

    Args:
        found: From `explain.analysis.precision.compare_precision`.
        theme: Colours.
        title: First line, such as the name of the file.
    """
    scores = f"float {found.float_psnr:.2f} dB, int8 {found.int8_psnr:.2f} dB"
    subtitle = f"{found.pairs} pairs of frames: {scores}, every hook point simulated {found.simulated_psnr:.2f} dB"
    sheet = Sheet(theme, WIDTH, title or "Float against int8", subtitle)
    worst = found.ranked[:SHOWN]
    note = "dB that the restored picture loses when this tensor alone is rounded; mean over pictures"
    sheet.row(Chart(_costs(worst, theme), "the most costly tensors", note, height=ROW * len(worst)), columns=1)
    note = "signal over the difference to int8, in dB, in the order of execution: higher is nearer"
    sheet.row(Chart(_sqnr(found.hooks, theme), "SQNR from layer to layer", note, height=1.9), columns=1)
    for hook in [each for each in found.ranked if _is_map(found.pictures[0][each.name])][:MAPS]:
        _maps(sheet, found, hook)
    return sheet.finish(_caption(found))


def _caption(found: Precision) -> str:
    first = found.ranked[0]
    text = (
        f"Rounding {label(first.name)} alone costs {first.cost:.2f} dB in the mean and up to {first.worst:.2f} dB on "
        "one picture. Costs do not add up: what one tensor loses, another may undo."
    )
    if any(hook.confirmed is not None for hook in found.hooks):
        text += " Diamonds: the same measured with a mixed model, all floats but this tensor."
    return text


def _costs(worst: Sequence[HookCost], theme: Theme) -> Callable[[Axes], None]:
    colours = part_colours(theme)

    def draw(axes: Axes) -> None:
        most = max(max(hook.cost, hook.confirmed or 0) for hook in worst) or 1.0
        for y, hook in enumerate(worst):
            axes.barh(y, hook.cost, 0.7, color=colours[part_of_hook(hook.name)])
            if hook.confirmed is not None:
                axes.plot(hook.confirmed, y, marker="D", markersize=5, color=theme.text, zorder=3)
            text = f"{label(hook.name)}   {hook.cost:.3f} dB, worst picture {hook.worst:.2f}"
            label_beside(axes, max(hook.cost, hook.confirmed or 0, 0), y, text, theme, gap=9)
        horizontal_bars(axes, len(worst), min(0.0, *(hook.cost for hook in worst)), 2.2 * most)
        used = {part_of_hook(hook.name) for hook in worst}
        handles: list = [Patch(color=colours[part], label=part) for part in PARTS if part in used]
        if any(hook.confirmed is not None for hook in worst):
            handles.append(Line2D([], [], marker="D", linestyle="", color=theme.text, label="in a mixed model"))
        axes.legend(
            handles=handles,
            loc="lower right",
            frameon=False,
            fontsize=SIZES.small,
            labelcolor=theme.text,
            handlelength=1,
        )

    return draw


def _sqnr(hooks: Sequence[HookCost], theme: Theme) -> Callable[[Axes], None]:
    colours = part_colours(theme)

    def draw(axes: Axes) -> None:
        finite = [hook.sqnr for hook in hooks if math.isfinite(hook.sqnr)]
        top = max(finite, default=0.0)
        for part in PARTS:
            numbers = [k for k, hook in enumerate(hooks) if part_of_hook(hook.name) == part]
            heights = [min(hooks[k].sqnr, top) for k in numbers]
            axes.scatter(numbers, heights, s=14, color=colours[part], linewidths=0)
        axes.set(xlim=(-1, len(hooks)), xlabel="hook point", ylim=(min(0.0, *finite) - 1, top + 3))
        axes.grid(axis="y", color=theme.line, linewidth=0.5)
        part_legend(axes, theme, [Patch(color=colour, label=part) for part, colour in colours.items()])
        number_values(axes)

    return draw


def _is_map(tensor: np.ndarray) -> bool:
    return tensor.ndim == 4 and min(tensor.shape[1:3]) > 1 and tensor.shape[1] > 3


def _maps(sheet: Sheet, found: Precision, hook: HookCost) -> None:
    floats, dequantized = (tensors[hook.name] for tensors in found.pictures)
    sheet.section(f"{label(hook.name)}: {shape_of(floats)}, SQNR {hook.sqnr:.0f} dB; the first picture")
    maps = [np.sqrt(np.square(tensor[0]).mean(axis=-1)) for tensor in (floats, dequantized)]
    error = (dequantized - floats)[0].mean(axis=-1)
    sheet.row(
        PictureGroup([Picture(maps[0], "float"), Picture(maps[1], "int8")], activity_scale(maps, "activity")),
        PictureGroup([Picture(error, "int8 − float, mean over channels")], signed_scale([error], "difference")),
        columns=3,
    )
