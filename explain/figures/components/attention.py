"""The two halves of attention, drawn: which channels matter, which places matter."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from explain.figures.kit.charts import bars, histogram, sorted_gates
from explain.figures.kit.feature_maps import Lens, Tensors, gate_scale, luminance, photo_of, signed_scale, stretched
from explain.figures.kit.sheet import Chart, Group, Picture, Sheet, shape_of
from explain.figures.kit.themes import LIGHT, Theme
from explain.tracing.sites import KINDS, label

__all__ = ["HARDLY", "draw_channel_attention", "draw_spatial_attention", "tinted"]

EXTREMES = 4
"""Channels shown with the highest gates, and as many with the lowest."""

VISIBLE = 5e-4
"""Gates that differ by less are the same number in three digits."""

HARDLY = 0.05
"""Channels whose gates differ by less are treated nearly alike: to prefer one, a unit would have to differ more."""

BLACK = 0.2
"""Grey of the darkest places below a gate: in black, its colour could not be seen."""


def draw_channel_attention(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws channel attention (paper, section 3.1): averages, gates, and the channels they open and close most.

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1/mrb_1/column_1/dau_1/channel`; empty for a component run alone.
        channel: The channel to show before and after, from 0; None for the activity of all.
        theme: Colours.
        width: In inches; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site.
        MirnetError: If there is no such channel.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    features, gates = at["in"], at["gate"][0, 0, 0]  # (channels,)
    before, after = lens(features), lens(at["out"])
    same = lens.scale(before, after)
    order = np.argsort(-gates, kind="stable")
    shown = max(1, min(EXTREMES, len(gates) // 2))
    most, least = order[:shown], order[-shown:]

    def pictures(channels) -> list[Group]:
        # Each with its own scale: it is the pattern that counts here, and weak channels have one too.
        maps = {c: features[0, :, :, c].astype("float32") for c in channels}
        return [
            Group([Picture(values, f"channel {c}", f"gate {gates[c]:.3f}")], signed_scale([values], "before the gate"))
            for c, values in maps.items()
        ]

    sheet = into(theme, width, KINDS["channel_attention"].title, label(at.site))
    shape = shape_of(features)
    count = at["squeezed"].shape[-1]
    mixed = f"{count} number{'s' * (count > 1)}"
    sheet.section(f"Squeeze: each channel's mean over the picture, mixed to {mixed}")
    sheet.row(
        Group([Picture(before, "in", shape)], same),
        Chart(bars(at["descriptor"], theme, channel), "descriptor", "mean of each channel", span=2),
        Chart(bars(at["squeezed"], theme, name="number"), "squeezed", shape_of(at["squeezed"])),
        columns=4,
    )
    sheet.section("Excite: a gate between 0 and 1 for each channel, and scale the channel with it")
    note = f"from {gates.min():.3f} to {gates.max():.3f}; 0.5 lets half through"
    sheet.row(
        Chart(sorted_gates(gates, theme, channel), "gates, sorted", note, 3, 1.5),
        Group([Picture(after, "out = in × gates", "same scale as in")], same),
        columns=4,
    )
    sheet.section("The channels that pass most")
    sheet.row(*pictures(most), columns=4)
    sheet.section("The channels that pass least")
    sheet.row(*pictures(least), columns=4)
    return sheet.finish(
        f"One gate for a whole channel, the same at every place. On this photo {_preference(gates, order)}"
    )


def _preference(gates: np.ndarray, order: np.ndarray) -> str:
    first, last = order[0], order[-1]
    if gates[first] - gates[last] < VISIBLE:
        return f"all gates are {gates[first]:.3f}: no channel is preferred."
    ends = f"channel {first} passes most ({gates[first]:.3f}) and channel {last} least ({gates[last]:.3f})"
    if gates[first] - gates[last] < HARDLY:
        return f"{ends}: that is nearly the same, and the unit hardly prefers one channel to another."
    return f"{ends}. Compare the pictures of the two rows: what do the channels respond to that pass most?"


def draw_spatial_attention(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    channel: int | None = None,
    photo: np.ndarray | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws spatial attention (paper, section 3.1): maximum and mean over the channels, and the gate they lead to.

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1/mrb_1/column_1/dau_1/spatial`; empty for a component run alone.
        channel: The channel to show before and after, from 0; None for the activity of all.
        photo: (height, width, 3) within [0, 1], any size; by default the cache's `input`. Without one, the gate
            lies over the features' mean.
        theme: Colours.
        width: In inches; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site.
        MirnetError: If there is no such channel.
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

    sheet = into(theme, width, KINDS["spatial_attention"].title, label(at.site))
    shape, one = shape_of(at["in"]), shape_of(at["gate"])
    sheet.section("Squeeze: two numbers for each place")
    sheet.row(
        Group([Picture(before, "in", shape)], same),
        Group([Picture(most, "maximum over channels", one)], signed_scale([most], "maximum")),
        Group([Picture(mean, "mean over channels", one)], signed_scale([mean], "mean")),
        columns=3,
    )
    sheet.section("Locate: a 5 × 5 convolution of both, then the sigmoid")
    tint = replace(gate_limits, kind="tint")
    blended = tinted(behind, sheet.colour(gate, tint))
    sheet.row(
        Group([Picture(logits, "logits", one)], signed_scale([logits], "logit")),
        Group([Picture(gate, "gate", one)], gate_limits),
        Group([Picture(blended, f"gate over {over}", "colour: gate, brightness: photo")], tint),
        columns=3,
    )
    sheet.section("Scale: every place times its gate")
    sheet.row(
        Group([Picture(after, "out = in × gate", "same scale as in")], same),
        Chart(
            histogram({"gate": gate}, theme, (0, 1), "gate"),
            "share of places with each gate",
            f"from {gate.min():.3f} to {gate.max():.3f}, mean {gate.mean():.3f}",
            span=2,
        ),
        columns=3,
    )
    return sheet.finish(
        f"""One gate for each place, the same for all channels. Yellow places pass most, dark blue ones least: do they
        follow edges, bright parts or dark parts of the photo? In "gate over {over}" the colour is the gate, and only
        the brightness is that of {over}. The histogram says how much it matters: here gates run from {gate.min():.3f}
        to {gate.max():.3f}. Compare "out" with "in", on the same scale: what has become darker was held back."""
    )


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
