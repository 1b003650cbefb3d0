"""The recursive residual group, drawn: what each block makes of the features, and how much it changes them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from explain.figures.kit.charts import number_values
from explain.figures.kit.feature_maps import Lens, Tensors, strength
from explain.figures.kit.sheet import Chart, Group, Picture, Sheet, shape_of
from explain.figures.kit.themes import LIGHT, Theme
from explain.tracing.sites import KINDS, label

__all__ = ["draw_rrg"]


def draw_rrg(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws a recursive residual group (paper, section 3).

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1`; empty for a group run alone.
        channel: The channel to show, from 0; None for the activity of all.
        theme: Colours.
        width: In inches; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site.
        MirnetError: If there is no such channel.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    blocks = range(1, at.count("mrb_{}/out") + 1)
    before, conv, out = lens(at["in"]), lens(at["conv"]), lens(at["out"])
    after = {f"MRB {k}": lens(at[f"mrb_{k}/out"]) for k in blocks}
    changes = {f"MRB {k}": at[f"mrb_{k}/out"] - at[f"mrb_{k}/in"] for k in blocks}
    change_maps = {f"{name}: out − in": lens(change) for name, change in changes.items()}
    same, change_scale = lens.scale(before, *after.values(), out), lens.scale(*change_maps.values(), conv)
    changed = {f"MRB {k}": strength(changes[f"MRB {k}"]) / _whole(at[f"mrb_{k}/in"]) for k in blocks}
    largest = max(changed, key=lambda name: changed[name])
    group = strength(at["conv"]) / _whole(at["in"])

    sheet = into(theme, width, KINDS["rrg"].title, label(at.site))
    shape, columns = shape_of(at["in"]), max(len(blocks) + 1, 3)
    sheet.section("A chain of multi-scale residual blocks")
    sheet.row(
        Group([Picture(values, name, shape) for name, values in ({"in": before} | after).items()], same),
        columns=columns,
    )
    sheet.section("What each block changes, and how strong that is beside what comes in")
    sheet.row(
        Chart(_bars(changed | {"group": group}, theme), "strength of the change", "% of what comes in"),
        Group([Picture(values, name, shape) for name, values in change_maps.items()], change_scale),
        columns=columns,
    )
    sheet.section("A convolution of the last block, added to the group's input")
    sheet.row(
        Group([Picture(before, "in", shape)], same),
        Group([Picture(conv, "conv", "same scale as the changes", "+")], change_scale),
        Group([Picture(out, "out", "same scale as in", "=")], same),
        columns=columns,
    )
    return sheet.finish(
        f"""A group keeps its input and adds what its {len(blocks)} blocks and a convolution found. Look at the changes:
        which parts of the photo does each block work on? The strongest change of a block is that of {largest}:
        {changed[largest]:.0%} of what came into it. What the whole group adds has {group:.0%} of the strength of the
        group's input."""
    )


def _whole(tensor: np.ndarray) -> float:
    return strength(tensor) or 1.0


def _bars(ratios: Mapping[str, float], theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        axes.bar(range(len(ratios)), [100 * ratio for ratio in ratios.values()], 0.6, color=theme.streams[0])
        axes.set_xticks(range(len(ratios)), list(ratios))
        number_values(axes, "%")
        axes.tick_params(axis="x", length=0)

    return draw
