"""The recursive residual group, drawn: the output of each block, and how much it changes the features."""

from collections.abc import Mapping

import numpy as np

from explain.figures.kit.blocks import Chart, Content, Part, Picture, PictureGroup, row, shape_of
from explain.figures.kit.chart_data import Bars
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors, strength
from explain.tracing.sites import KINDS, label

__all__ = ["draw_rrg"]


def _rrg(cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None) -> Content:
    """A recursive residual group (paper, section 3); `site` is, for example, `rrg_1`."""
    at, lens = Tensors(cache, site), Lens(channel)
    blocks = range(1, at.count("mrb_{}/out") + 1)
    before, conv, out = lens(at["in"]), lens(at["conv"]), lens(at["out"])
    after = {f"MRB {k}": lens(at[f"mrb_{k}/out"]) for k in blocks}
    changes = {f"MRB {k}": at[f"mrb_{k}/out"] - at[f"mrb_{k}/in"] for k in blocks}
    change_maps = {f"{name}: out − in": lens(change) for name, change in changes.items()}
    same, change_scale = lens.scale(before, *after.values(), out), lens.scale(*change_maps.values(), conv)
    changed = {f"MRB {k}": strength(changes[f"MRB {k}"]) / _strength(at[f"mrb_{k}/in"]) for k in blocks}
    largest = max(changed, key=lambda name: changed[name])
    group = strength(at["conv"]) / _strength(at["in"])
    strengths = Bars({"": 100 * np.array([*changed.values(), group])}, [*changed, "group"], unit="%")

    shape, columns = shape_of(at["in"]), max(len(blocks) + 1, 3)
    parts: list[Part] = [
        "A chain of multi-scale residual blocks",
        row(
            PictureGroup([Picture(values, name, shape) for name, values in ({"in": before} | after).items()], same),
            columns=columns,
        ),
        "What each block changes, and how strong that is beside its input",
        row(
            Chart(strengths, "strength of the change", "% of the input"),
            PictureGroup([Picture(values, name, shape) for name, values in change_maps.items()], change_scale),
            columns=columns,
        ),
        "A convolution of the last block, added to the group's input",
        row(
            PictureGroup([Picture(before, "in", shape)], same),
            PictureGroup([Picture(conv, "conv", "same scale as the changes", "+")], change_scale),
            PictureGroup([Picture(out, "out", "same scale as in", "=")], same),
            columns=columns,
        ),
    ]
    caption = f"""A group keeps its input and adds what its {len(blocks)} blocks and a convolution found. Look at the
        changes: which parts of the photo does each block work on? The strongest change of a block is that of
        {largest}: {changed[largest]:.0%} of its input. What the whole group adds has {group:.0%} of
        the strength of the group's input."""
    return Content(KINDS["rrg"].title, label(at.site), parts, caption)


draw_rrg = Drawing(_rrg)


def _strength(tensor: np.ndarray) -> float:
    return strength(tensor) or 1.0
