"""The dual attention unit, drawn: body, both gates, and what is added to the input."""

from collections.abc import Mapping

import numpy as np

from explain.figures.kit.blocks import Chart, Content, Part, Picture, PictureGroup, row, shape_of
from explain.figures.kit.chart_data import bars, sorted_gates
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors, activity_scale, gate_scale, strength
from explain.tracing.sites import KINDS, label

__all__ = ["draw_dau"]

SMALLEST = 1e-6  # features are of the order of 0.1; below, a ratio would be noise


def _dau(cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None) -> Content:
    """A dual attention unit (paper, section 3.1); `site` is, for example, `rrg_1/mrb_1/column_1/dau_1`."""
    at, lens = Tensors(cache, site), Lens(channel)
    before, body, fused, out = (lens(at[name]) for name in ("in", "body", "fused", "out"))
    by_place, by_channel = lens(at["spatial/out"]), lens(at["channel/out"])
    place_gate, channel_gate = at["spatial/gate"][0, :, :, 0], at["channel/gate"][0, 0, 0]
    same = lens.scale(before, out)
    inside = lens.scale(body, by_place, by_channel)
    change = lens.scale(fused)
    per_channel = np.sqrt(np.mean(np.square(at["fused"]), axis=(1, 2), keepdims=True))
    overall = Lens()
    relative = overall(at["fused"]) / np.maximum(overall(at["in"]), SMALLEST)
    changed = strength(at["fused"]) / max(strength(at["in"]), SMALLEST)

    shape = shape_of(at["in"])
    parts: list[Part] = [
        "Body: two 3 × 3 convolutions find something, and two gates judge it",
        row(
            PictureGroup([Picture(before, "in", shape)], same),
            PictureGroup([Picture(body, "body", shape)], inside),
            PictureGroup(
                [Picture(place_gate, "spatial gate", shape_of(at["spatial/gate"]))], gate_scale([place_gate], "gate")
            ),
            Chart(sorted_gates(channel_gate, channel), "channel gates", shape_of(at["channel/gate"])),
            columns=4,
        ),
        "Gate it twice, merge both with a 1 × 1 convolution",
        row(
            PictureGroup(
                [
                    Picture(by_place, "body × spatial gate", "same scale as body"),
                    Picture(by_channel, "body × channel gates", shape),
                ],
                inside,
            ),
            PictureGroup([Picture(fused, "fused: what changes", shape)], change),
            Chart(bars(per_channel, channel), "change per channel", "fused, root mean square"),
            columns=4,
        ),
        "Add it to the input",
        row(
            PictureGroup([Picture(before, "in", shape)], same),
            PictureGroup([Picture(fused, "fused", shape, "+")], change),
            PictureGroup([Picture(out, "out", "same scale as in", "=")], same),
            PictureGroup(
                [Picture(relative, "relative change", "activity of fused / of in")], activity_scale([relative], "ratio")
            ),
            columns=4,
        ),
    ]
    caption = f"""The unit keeps its input and adds "fused" to it: here a change of {changed:.0%} of the input's
        strength (root mean square). Where "fused" is near zero, the unit leaves the features alone. Compare "body" with
        its two gated versions: the spatial gate dims positions, the channel gates dim whole channels."""
    return Content(KINDS["dau"].title, label(at.site), parts, caption)


draw_dau = Drawing(_dau)
