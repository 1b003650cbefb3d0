"""Any tensor of a cache, drawn: as a picture, as bars, or all its channels side by side."""

from collections.abc import Mapping

import numpy as np

from explain.figures.kit.chart_data import bars, histogram, sorted_gates, stacked_weights
from explain.figures.kit.feature_maps import Lens, Scale, gate_scale, signed_scale
from explain.figures.kit.sheet import NARROWEST_BAR, Chart, Picture, PictureGroup, Sheet, shape_of
from explain.figures.kit.themes import LIGHT, SIZES, Theme
from explain.tracing.sites import label
from model.errors import HookError

__all__ = ["MOST_CHANNELS", "draw_channels", "draw_tensor"]

MOST_CHANNELS = 64
"""Channels that `draw_channels` shows; more would be too small to see."""

NARROWEST_TILE = 0.9  # inches
NUMBER_HEIGHT = 0.19  # inches

PHOTOS = ("input", "output")


def draw_tensor(
    cache: Mapping[str, np.ndarray],
    name: str,
    *,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
) -> Sheet:
    """Draws one tensor: a feature map as a picture with a histogram, a descriptor as bars, weights stacked.

    Args:
        cache: From `run_with_cache`.
        name: Hook name.
        channel: The channel to show, from 0; None for the activity of all.
        theme: Colours.
        width: In inches; the height follows.

    Returns:
        A matplotlib figure with a `caption`.

    Raises:
        HookError: If the cache lacks it.
        MirnetError: If there is no such channel.
    """
    tensor = _tensor(cache, name)
    lens = Lens(channel)
    lens.check(tensor)
    sheet = Sheet(theme, width, name.rpartition("/")[2], f"{label(name)}: {shape_of(tensor)}")
    if _is_vector(name, tensor):
        _vectors(sheet, name, tensor, channel)
        caption = "One number for each channel: this tensor has no height and width."
    else:
        values, scale, what = _picture(name, tensor, lens)
        spread = tensor[0] if channel is None else tensor[0, ..., channel]
        # At least one bin wide: a tensor of one value would have no range.
        limits = (float(spread.min()), max(float(spread.max()), float(spread.min()) + 1e-6))
        sheet.row(
            PictureGroup([Picture(values, what, shape_of(tensor))], scale),
            Chart(histogram({what: spread}, limits, "value"), "how its values are spread", _range(spread)),
            columns=2,
        )
        caption = "The picture shows where values are large, the histogram how often each value occurs."
    return sheet.finish(caption)


def draw_channels(cache: Mapping[str, np.ndarray], name: str, *, theme: Theme = LIGHT, width: float = 10.0) -> Sheet:
    """Draws all channels of a feature map, up to 64, on one scale.

    Args:
        cache: From `run_with_cache`.
        name: Hook name of a tensor with height and width.
        theme: Colours.
        width: In inches; the height follows.

    Returns:
        A matplotlib figure with a `caption`.

    Raises:
        HookError: If the cache lacks it.
    """
    tensor = _tensor(cache, name)
    if _is_vector(name, tensor):
        return draw_tensor(cache, name, theme=theme, width=width)
    channels = tensor.shape[-1]
    shown = min(channels, MOST_CHANNELS)
    maps = [tensor[0, :, :, c].astype("float32") for c in range(shown)]
    scale = signed_scale(maps, "value, same scale for all")
    count = f"the first {shown} of {channels} channels" if channels > shown else f"all {channels} channels"
    sheet = Sheet(theme, width, name.rpartition("/")[2], f"{label(name)}: {shape_of(tensor)}")
    _mosaic(sheet, maps, scale, count)
    strongest = int(np.argmax([np.abs(values).mean() for values in maps]))
    return sheet.finish(
        f"""Each tile is one channel of the same tensor ({count}). Some answer to edges, some to bright or
        dark parts, some to nearly nothing. Here channel {strongest} is the strongest on average."""
    )


def _is_vector(name: str, tensor: np.ndarray) -> bool:
    """Whether a tensor is numbers for each channel, not a picture: one position, or SKFF's logits and weights."""
    by_stream = name.rpartition("/")[2] in ("logits", "weights") and tensor.shape[-1] > 1
    return tensor.shape[2] == 1 and (tensor.shape[1] == 1 or by_stream)


def _tensor(cache: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    if name not in cache:
        raise HookError(f"the cache has no {name!r}: was it run with this name?")
    return cache[name]


def _vectors(sheet: Sheet, name: str, tensor: np.ndarray, channel: int | None) -> None:
    last = name.rpartition("/")[2]
    if last == "weights":
        draw = [Chart(stacked_weights(tensor[0, :, 0], channel), "weights", height=2.2)]
    elif last == "gate":
        draw = [Chart(sorted_gates(tensor[0].ravel(), channel), "gates, sorted", height=2.2)]
    else:
        streams = tensor.shape[1]
        ends = (min(0.0, float(tensor.min())), max(0.0, float(tensor.max())))
        draw = [
            Chart(
                bars(tensor[:, k : k + 1], channel, ends, "number" if last == "squeezed" else "channel"),
                last if streams == 1 else f"{last} of stream {k + 1}",
            )
            for k in range(streams)
        ]
    for chart in draw:
        sheet.row(chart, columns=1)


def _picture(name: str, tensor: np.ndarray, lens: Lens) -> tuple[np.ndarray, Scale | None, str]:
    """What to show, in which colours, and what to call it."""
    last, single = name.rpartition("/")[2], tensor.shape[-1] == 1
    if name in PHOTOS and lens.channel is None:
        return tensor[0], None, f"{last}, clipped to 0 … 1" if name == "output" else last
    if last == "gate":
        return tensor[0, ..., 0], gate_scale([tensor[0, ..., 0]], "gate"), "gate"
    if single:
        return tensor[0, ..., 0], signed_scale([tensor[0, ..., 0]], last), last
    values = lens(tensor)
    what = "activity" if lens.channel is None else f"channel {lens.channel}"
    return values, lens.scale(values), what


def _range(values: np.ndarray) -> str:
    return f"from {values.min():.3g} to {values.max():.3g}, mean {values.mean():.3g}".replace("-", "\N{MINUS SIGN}")


def _mosaic(sheet: Sheet, maps: list[np.ndarray], scale: Scale, title: str) -> None:
    """All tiles as one picture, which is drawn ten times as fast as 64 pictures."""
    rows, columns = maps[0].shape
    across = min(4 if len(maps) <= 16 else 8, len(maps), max(2, int(sheet.inner / NARROWEST_TILE)))
    down = -(-len(maps) // across)
    gap = round(0.06 * columns) + 1  # in pixels of a map
    cell = sheet.inner / across
    wide = sheet.inner * min(1, SIZES.tallest / (cell * rows / columns))
    head = round(NUMBER_HEIGHT * (columns + gap) * across / wide) + 1  # room for the number of a tile
    mosaic = np.full((down * (rows + head), across * (columns + gap) - gap), np.nan, "float32")
    for k, values in enumerate(maps):
        top, left = k // across * (rows + head) + head, k % across * (columns + gap)
        mosaic[top : top + rows, left : left + columns] = values
    high = wide * mosaic.shape[0] / mosaic.shape[1]
    sheet.cursor += 0.2
    axes = sheet.place(SIZES.margin, sheet.cursor, wide, high)
    sheet.picture(axes, mosaic, scale)
    axes.spines[:].set_visible(False)
    axes.set_title(title, loc="left", size=SIZES.label, color=sheet.theme.text, weight="bold")
    for k in range(len(maps)):
        corner = k % across * (columns + gap) - 0.5, k // across * (rows + head) + head - 0.5
        axes.annotate(str(k), corner, (0, 2), textcoords="offset points", size=SIZES.small, color=sheet.theme.muted)
    sheet.cursor += high + 0.1
    sheet.cursor += sheet.colour_bar(SIZES.margin, sheet.cursor, max(wide, NARROWEST_BAR), scale) + 0.08
