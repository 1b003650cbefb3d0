"""Channel attention and spatial attention, drawn."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from matplotlib.colors import Normalize

from explain.figures.kit.blocks import Chart, Content, Part, Picture, PictureGroup, row, shape_of
from explain.figures.kit.chart_data import bars, histogram, sorted_gates
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors, gate_scale, luminance, photo_of, signed_scale, stretched
from explain.figures.kit.themes import TINT
from explain.tracing.sites import KINDS, label

__all__ = ["HARDLY", "draw_channel_attention", "draw_spatial_attention", "tinted"]

EXTREMES = 4
"""Channels shown with the highest gates, and as many with the lowest."""

VISIBLE = 5e-4
"""Gates that differ by less are the same number in three digits."""

HARDLY = 0.05
"""Channels whose gates differ by less are treated nearly alike: to prefer one, a unit would have to differ more."""

BLACK = 0.2
"""Grey of the darkest pixels below a gate: in black, its colour could not be seen."""


def _channel_attention(cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None) -> Content:
    """Channel attention (paper, section 3.1): averages, gates, and the channels they open and close most.

    A site is, for example, `rrg_1/mrb_1/column_1/dau_1/channel`; the chosen channel is shown before and after.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    features, gates = at["in"], at["gate"][0, 0, 0]  # (channels,)
    before, after = lens(features), lens(at["out"])
    same = lens.scale(before, after)
    order = np.argsort(-gates, kind="stable")
    shown = max(1, min(EXTREMES, len(gates) // 2))
    most, least = order[:shown], order[-shown:]

    def pictures(channels) -> list[PictureGroup]:
        # Each with its own scale: it is the pattern that counts here, and weak channels have one too.
        maps = {c: features[0, :, :, c].astype("float32") for c in channels}
        return [
            PictureGroup(
                [Picture(values, f"channel {c}", f"gate {gates[c]:.3f}")], signed_scale([values], "before the gate")
            )
            for c, values in maps.items()
        ]

    shape = shape_of(features)
    count = at["squeezed"].shape[-1]
    mixed = f"{count} number{'s' * (count > 1)}"
    note = f"from {gates.min():.3f} to {gates.max():.3f}; 0.5 lets half through"
    parts: list[Part] = [
        f"Squeeze: each channel's mean over the picture, mixed to {mixed}",
        row(
            PictureGroup([Picture(before, "in", shape)], same),
            Chart(bars(at["descriptor"], channel), "descriptor", "mean of each channel", span=2),
            Chart(bars(at["squeezed"], name="number"), "squeezed", shape_of(at["squeezed"])),
            columns=4,
        ),
        "Excite: a gate between 0 and 1 for each channel, and scale the channel with it",
        row(
            Chart(sorted_gates(gates, channel), "gates, sorted", note, 3, 1.5),
            PictureGroup([Picture(after, "out = in × gates", "same scale as in")], same),
            columns=4,
        ),
        "The channels that pass most",
        row(*pictures(most), columns=4),
        "The channels that pass least",
        row(*pictures(least), columns=4),
    ]
    caption = f"One gate for a whole channel, the same at every position. On this photo {_preference(gates, order)}"
    return Content(KINDS["channel_attention"].title, label(at.site), parts, caption)


draw_channel_attention = Drawing(_channel_attention)


def _preference(gates: np.ndarray, order: np.ndarray) -> str:
    first, last = order[0], order[-1]
    if gates[first] - gates[last] < VISIBLE:
        return f"all gates are {gates[first]:.3f}: no channel is preferred."
    ends = f"channel {first} passes most ({gates[first]:.3f}) and channel {last} least ({gates[last]:.3f})"
    if gates[first] - gates[last] < HARDLY:
        return f"{ends}: that is nearly the same, and the unit hardly prefers one channel to another."
    return f"{ends}. Compare the pictures of the two rows: what do the channels respond to that pass most?"


def _spatial_attention(
    cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None, photo: np.ndarray | None = None
) -> Content:
    """Spatial attention (paper, section 3.1): maximum and mean over the channels, and the gate they lead to.

    A site is, for example, `rrg_1/mrb_1/column_1/dau_1/spatial`; the chosen channel is shown before and after. `photo`
    is (height, width, 3) within [0, 1], any size; by default the cache's `input`. Without one, the gate lies over the
    features' mean.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    before, after = lens(at["in"]), lens(at["out"])
    most, mean = at["pooled"][0, :, :, 0], at["pooled"][0, :, :, 1]
    logits, gate = at["logits"][0, :, :, 0], at["gate"][0, :, :, 0]
    photo = photo_of(cache) if photo is None else photo
    behind = mean - mean.min() if photo is None else luminance(photo)
    over = "the features" if photo is None else "the photo"
    same = lens.scale(before, after)
    gate_limits = gate_scale([gate], "gate")

    shape, one = shape_of(at["in"]), shape_of(at["gate"])
    tint = replace(gate_limits, kind="tint")
    blended = tinted(behind, TINT(Normalize(tint.low, tint.high)(gate))[..., :3])
    parts: list[Part] = [
        "Squeeze: two numbers for each position",
        row(
            PictureGroup([Picture(before, "in", shape)], same),
            PictureGroup([Picture(most, "maximum over channels", one)], signed_scale([most], "maximum")),
            PictureGroup([Picture(mean, "mean over channels", one)], signed_scale([mean], "mean")),
            columns=3,
        ),
        "Locate: a 5 × 5 convolution of both, then the sigmoid",
        row(
            PictureGroup([Picture(logits, "logits", one)], signed_scale([logits], "logit")),
            PictureGroup([Picture(gate, "gate", one)], gate_limits),
            PictureGroup([Picture(blended, f"gate over {over}", "colour: gate, brightness: photo")], tint),
            columns=3,
        ),
        "Scale: every position times its gate",
        row(
            PictureGroup([Picture(after, "out = in × gate", "same scale as in")], same),
            Chart(
                histogram({"gate": gate}, (0, 1), "gate"),
                "share of positions with each gate",
                f"from {gate.min():.3f} to {gate.max():.3f}, mean {gate.mean():.3f}",
                span=2,
            ),
            columns=3,
        ),
    ]
    caption = f"""One gate for each position, the same for all channels. Yellow positions pass most, dark blue ones
        least: do they follow edges, bright parts or dark parts of the photo? In "gate over {over}" the colour is the
        gate, and only the brightness is that of {over}. The histogram says how much it matters: here gates run from
        {gate.min():.3f} to {gate.max():.3f}. Compare "out" with "in", on the same scale: what has become darker was
        held back."""
    return Content(KINDS["spatial_attention"].title, label(at.site), parts, caption)


draw_spatial_attention = Drawing(_spatial_attention)


def tinted(behind: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """A grey picture in the colours of another one.

    Args:
        behind: (height, width), any size and range; it is stretched to be seen even where a photo is dark.
        colours: (h, w, 3), light ones.

    Returns:
        (height, width, 3) within [0, 1], at the size of `behind`.
    """
    rows = np.arange(behind.shape[0]) * colours.shape[0] // behind.shape[0]
    columns = np.arange(behind.shape[1]) * colours.shape[1] // behind.shape[1]
    grey = BLACK + (1 - BLACK) * stretched(behind)
    return colours[rows][:, columns] * grey[..., None]
