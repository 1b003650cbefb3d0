"""The values of one component's tensors at one position, and the arithmetic that leads to its result there."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from explain.tracing.sites import label
from model.config import MIRNetConfig

__all__ = [
    "COLOURS",
    "Reading",
    "Term",
    "default_channel",
    "liveliest",
    "place_in",
    "readings",
    "result_at",
    "sum_at",
    "tensor_names",
]

NAMES = {
    "input": "the photo",
    "companded": "the photo after companding",
    "shallow": "shallow features",
    "residual": "what is added",
    "output": "the restored photo",
    "in": "input",
    "out": "output",
    "conv": "after the last 3×3 convolution",
    "body": "after both 3×3 convolutions",
    "fused": "merged",
    "descriptor": "average over the picture",
    "logits": "logit",
    "gate": "gate",
    "weights": "weight",
    "features": "main branch, after its convolutions",
    "resized": "main branch, at the new size",
    "main": "main branch",
    "shortcut": "shortcut",
    "spatial/gate": "gate of this pixel",
    "spatial/out": "gated by pixel",
    "channel/gate": "gate of this channel",
    "channel/out": "gated by channel",
}
"""What the tensors are, by the end of their names."""

FEATURES = {
    "dau": ("in", "body", "spatial/gate", "spatial/out", "channel/gate", "channel/out", "fused", "out"),
    "channel_attention": ("in", "descriptor", "logits", "gate", "out"),
    "spatial_attention": ("in", "pooled", "logits", "gate", "out"),
}
RESIDUAL = {
    "mirnet": ("input", "residual"),
    "dau": ("in", "fused"),
    "down": ("main", "shortcut"),
    "up": ("main", "shortcut"),
}
"""What is added up in the end; in the other residual components `in` and `conv`."""
COLOURS = ("red", "green", "blue")
STEP = ("in", "features", "resized", "main", "shortcut", "out")


@dataclass(frozen=True)
class Reading:
    """One number in a tensor.

    Attributes:
        name: The tensor's name below the component.
        text: What it is.
        shape: Of the whole tensor, without the batch: (height, width, channels) of a map.
        place: (row, column) in it; None where it has one value for the whole picture.
        value: The number; None where the tensor has no such channel.
        tensor: The tensor's full name.
        cell: (row, column, channel) of the number in it.
    """

    name: str
    text: str
    shape: tuple[int, ...]
    place: tuple[int, int] | None
    value: float | None
    tensor: str
    cell: tuple[int, int, int]


@dataclass(frozen=True)
class Term:
    """One part of a sum: a product of factors, each with its symbol (LaTeX) and its value."""

    factors: tuple[tuple[str, float], ...]

    @property
    def value(self) -> float:
        """The product of the factors."""
        return float(np.prod([value for _, value in self.factors], dtype="float64"))


def tensor_names(kind: str, config: MIRNetConfig, site: str) -> list[str]:
    """The hook names of what the table of one component shows.

    Args:
        kind: See `explain.tracing.sites.KINDS`.
        config: The network.
        site: The call site; of a resizing module one of its steps.
    """
    start = f"{site}/" if site else ""
    return [f"{start}{name}" for name in _below(kind, config)]


def readings(
    cache: Mapping[str, np.ndarray],
    names: list[str],
    site: str,
    pixel: tuple[int, int],
    size: tuple[int, int],
    channel: int,
) -> list[Reading]:
    """The values of the named tensors under a pixel of the photo.

    Args:
        cache: Has the tensors.
        names: From `tensor_names`.
        site: The call site.
        pixel: (row, column) in the photo.
        size: (height, width) of the photo.
        channel: Which channel, from 0.
    """
    found = []
    for name in names:
        tensor, own = cache[name], name.removeprefix(f"{site}/")
        for part, text, values, first in _parts(own, tensor):
            if own == "fused" and f"{site}/stream_1" in cache:  # an SKFF's is not merged yet
                text = "plain sum of the streams"
            row, column = place_in(values, pixel, size)
            index = 0 if values.shape[-1] == 1 else channel
            value = float(values[row, column, index]) if index < values.shape[-1] else None
            spread = values.shape[0] > 1 or values.shape[1] > 1
            place, cell = (row, column) if spread else None, (row + first[0], column, index + first[1])
            found.append(Reading(part, text, tensor.shape[1:], place, value, name, cell))
    return found


def place_in(values: np.ndarray, pixel: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Where a pixel of the photo is in a map (height, width, channels) of another resolution."""
    row, column = (at * here // there for at, here, there in zip(pixel, values.shape, size, strict=False))
    return int(row), int(column)


def default_channel(channel: int | None, channels: int) -> int:
    """The channel of the table: the chosen one, or the first."""
    return 0 if channel is None else min(channel, channels - 1)


def liveliest(tensor: np.ndarray) -> int:
    """The channel (the last axis) whose values differ most: the first one may be silent."""
    return int(tensor.reshape(-1, tensor.shape[-1]).std(axis=0).argmax())


def result_at(cache: Mapping[str, np.ndarray], site: str, pixel, size, channel: int) -> float:
    """The component's result under a pixel of the photo."""
    out = cache[f"{site}/out" if site else "output"][0]
    return float(out[(*place_in(out, pixel, size), channel)])


def sum_at(
    kind: str, cache: Mapping[str, np.ndarray], site: str, pixel: tuple[int, int], size: tuple[int, int], channel: int
) -> list[Term]:
    """The last step of a component, with its operands: terms that add up to `result_at`.

    A residual component adds to its input, a gate multiplies it, SKFF adds weighted streams.
    """

    def at(name: str) -> float:
        values = cache[f"{site}/{name}" if site else name][0]
        index = 0 if values.shape[-1] == 1 else channel
        return float(values[(*place_in(values, pixel, size), index)])

    if kind == "up" and cache[f"{site}/main"].shape[1] < cache[f"{site}/out"].shape[1]:
        return _enlarged(cache[f"{site}/main"][0] + cache[f"{site}/shortcut"][0], pixel, size, channel)
    if kind == "skff":
        streams = sum(name.startswith(f"{site}/stream_") for name in cache)
        weights = cache[f"{site}/weights"][0, :, 0, channel]
        return [Term(((f"s_{k}", float(weights[k - 1])), (f"L_{k}", at(f"stream_{k}")))) for k in range(1, streams + 1)]
    if kind in ("channel_attention", "spatial_attention"):
        symbol = r"\hat d" if kind == "channel_attention" else r"\hat f"
        return [Term(((symbol, at("gate")), ("M", at("in"))))]
    ends = RESIDUAL.get(kind, ("in", "conv"))
    if kind == "mirnet" and "companded" in cache:
        ends = ("companded", "residual")
    return [Term(((rf"\text{{{name}}}", at(name)),)) for name in ends]


def _enlarged(summed: np.ndarray, pixel: tuple[int, int], size: tuple[int, int], channel: int) -> list[Term]:
    """A pixel of a bilinear resize to twice the size, from its neighbours in `summed` (height, width, channels).

    At the border a neighbour outside is the nearest one inside.
    """
    height, width = summed.shape[:2]
    places = place_in(np.empty((2 * height, 2 * width, 0)), pixel, size)
    sides = [
        [(min(max(at // 2 + step, 0), count - 1), share) for step, share in ((0, 0.75), (1 if at % 2 else -1, 0.25))]
        for at, count in zip(places, (height, width), strict=True)
    ]
    shares: dict[tuple[int, int], float] = {}
    for (row, down), (column, across) in product(*sides):
        shares[row, column] = shares.get((row, column), 0.0) + down * across
    value = r"\text{{main + shortcut}}_{{{},{}}}".format
    return [Term((("w", share), (value(*place), float(summed[(*place, channel)])))) for place, share in shares.items()]


def _below(kind: str, config: MIRNetConfig) -> tuple[str, ...]:
    streams, columns = range(1, config.streams + 1), range(1, config.columns + 1)
    if kind == "mirnet":
        groups = (f"rrg_{k}/out" for k in range(1, config.groups + 1))
        base = ("input", "companded") if config.companding else ("input",)
        return (*base, "shallow", *groups, "residual", "output")
    if kind == "rrg":
        return ("in", *(f"mrb_{k}/out" for k in range(1, config.blocks + 1)), "conv", "out")
    if kind == "mrb":
        units = [f"column_{column}/dau_{k}/out" for column in columns for k in streams]
        return ("in", *units, "merge/skff/out", "conv", "out")
    if kind == "skff":
        return (*(f"stream_{k}" for k in streams), "fused", "descriptor", "logits", "weights",
                *(f"weighted_{k}" for k in streams), "out")  # fmt: skip
    if kind in ("down", "up"):
        return STEP
    return FEATURES[kind]


def _parts(name: str, tensor: np.ndarray):
    """A tensor as maps (height, width, channels); what stands side by side under one name is told apart.

    With each comes the row and the channel of the tensor that it begins with.
    """
    end = name.rsplit("/", 1)[-1]
    if end in ("logits", "weights") and tensor.shape[1] > 1 and tensor.shape[2] == 1 and tensor.shape[-1] > 1:
        for k in range(tensor.shape[1]):  # SKFF: (batch, streams, 1, channels)
            yield f"{name} {k + 1}", f"{NAMES[end]} of stream {k + 1}", tensor[0, k : k + 1], (k, 0)
    elif name in ("input", "companded", "residual", "output"):
        for k, colour in enumerate(COLOURS):
            yield f"{name}", f"{NAMES[name]}, {colour}", tensor[0, ..., k : k + 1], (0, k)
    elif end == "pooled":
        yield f"{name} 1", "maximum over the channels", tensor[0, ..., :1], (0, 0)
        yield f"{name} 2", "mean over the channels", tensor[0, ..., 1:], (0, 1)
    else:
        yield name, _description(name, end), tensor[0], (0, 0)


def _description(name: str, end: str) -> str:
    if name in NAMES:
        return NAMES[name]
    if end.startswith(("stream_", "weighted_")):
        kind, number = end.split("_")
        return f"stream {number}" if kind == "stream" else f"stream {number} × weight"
    before = label(name.rpartition("/")[0])
    return f"{before}: {NAMES[end]}" if end in NAMES else before or end
