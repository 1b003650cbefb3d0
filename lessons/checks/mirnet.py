"""Checks of lesson 6: the first column, the exchange, the block, the network, and what a unit costs."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import keras
import numpy as np

from explain.tracing.costs import cost
from lessons.checks.checking import call, compare, passed, several
from lessons.checks.parts import CHANNELS, STREAMS, Parts, as_array, run, whole_of
from model.attention import DualAttentionUnit
from model.config import MIRNetConfig
from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock
from model.zoo import seed_weights

__all__ = ["block", "exchange", "first_column", "restore", "unit_cost"]

SIDE = 16
"""Height and width of the checks' pictures: the connections are the same at any size."""

CLOSE = 1e-4
"""Tolerance for float32 through a chain of blocks; a wrong connection changes far more."""


@cache
def _network() -> MIRNet:
    """A small network, with weights so large that every connection matters."""
    net = MIRNet(MIRNetConfig(channels=CHANNELS, groups=2, blocks=2))
    seed_weights(net, seed=6)
    for variable in net.weights:
        if len(variable.shape) == 4:
            variable.assign(1.7 * as_array(variable))
    return net


def _block() -> MultiScaleResidualBlock:
    return _network().groups[0].chain[0]


def _features(seed: int, k: int = 1) -> np.ndarray:
    side = SIDE // 2 ** (k - 1)
    shape = (1, side, side, CHANNELS * 2 ** (k - 1))
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def _compare_streams(what: str, got, right: Sequence, mistakes: Mapping[str, Sequence], look: str) -> None:
    several(what, got, "a list of three streams", 3, look=look)
    for k, (one, due) in enumerate(zip(got, right, strict=True), 1):
        known = {text: results[k - 1] for text, results in mistakes.items()}
        compare(f"stream {k} of {what}", one, due, known, look, relative=CLOSE)


def first_column(function) -> None:
    """Exercise 1: `first_column(features, parts)` opens the three streams."""
    look = "“Three streams”: dau, then down, then dau, then down, then dau."
    x, parts = _features(1), Parts(_block())
    one = parts.dau(1, x)
    two = parts.dau(2, parts.bring(one, 1, 2))

    def third(source, k):
        return parts.dau(3, parts.bring(source, k, 3))

    early = parts.dau(2, parts.bring(x, 1, 2))
    plain = parts.bring(one, 1, 2)
    mistakes = {
        "stream 2 was made from the input; it is made from stream 1 after its attention.": [
            one,
            early,
            third(early, 2),
        ],
        "stream 3 was made from stream 1 in one step; it is made from stream 2, halved once more.": [
            one,
            two,
            third(one, 1),
        ],
        "stream 3 was made from the input; it is made from stream 2 after its attention.": [one, early, third(x, 1)],
        "only stream 1 has its attention: dau 2 and dau 3 are missing.": [one, plain, parts.bring(plain, 2, 3)],
        "the attention of stream 1 is missing.": [x, early, third(early, 2)],
        "stream 2 is halved before its attention: the input of stream 3 is stream 2 *after* its attention.": [
            one,
            two,
            third(plain, 2),
        ],
    }
    right, got = [one, two, third(two, 2)], call(function, x, parts)
    _compare_streams("first_column(features, parts)", got, right, mistakes, look)
    passed("first_column: three streams, each made from the one above after its attention.")


def exchange(function) -> None:
    """Exercise 2: `exchange(streams, parts)` fuses all three streams at each resolution."""
    look = "“The exchange”: for each stream j, bring all three to j and fuse them with skff(j, ...)."
    parts, streams = Parts(_block()), [_features(10 + k, k) for k in STREAMS]

    def arrived(source, j):
        return [parts.bring(one, k, j) for k, one in zip(STREAMS, source, strict=True)]

    right = [parts.skff(j, arrived(streams, j)) for j in STREAMS]
    overwritten = list(streams)
    for j in STREAMS:
        overwritten[j - 1] = parts.skff(j, arrived(overwritten, j))
    order = "SKFF has weights of its own for stream 1, 2 and 3, in this order."
    mistakes = {
        "later streams read what was fused just before: the list was overwritten. All of them read the streams as they "
        "were before; make a new list.": overwritten,
        f"the streams are in the wrong order: {order}": [parts.skff(j, arrived(streams, j)[::-1]) for j in STREAMS],
        f"the streams are in the wrong order, the stream itself first: {order}": [
            parts.skff(j, _own_first(arrived(streams, j), j)) for j in STREAMS
        ],
        "the streams are added, not fused: skff(j, ...) gives them weights.": [
            sum(arrived(streams, j)) for j in STREAMS
        ],
        "the streams are averaged, not fused: skff(j, ...) gives them weights.": [
            sum(arrived(streams, j)) / len(STREAMS) for j in STREAMS
        ],
        "nothing was exchanged: these are the input streams.": streams,
        "a stream is fused with itself only: three times the same one.": [
            parts.skff(j, [streams[j - 1]] * 3) for j in STREAMS
        ],
    }
    got = call(function, list(streams), parts)
    _compare_streams("exchange(streams, parts)", got, right, mistakes, look)
    passed("exchange: nine connections and three fusions, all of them from the same inputs.")


def _own_first(arrived: list, j: int) -> list:
    return [arrived[j - 1], *(one for k, one in enumerate(arrived, 1) if k != j)]


def block(function) -> None:
    """Exercise 3: `block(features, parts)` is the multi-scale residual block."""
    look = "“The block”: first column, exchange, attention again, merge with rise, conv, and add the input."
    x, ours = _features(3), _block()
    parts = Parts(ours)
    opened = [as_array(one) for one in ours.first_column(keras.ops.convert_to_tensor(x))]
    exchanged = [as_array(one) for one in ours.exchange([keras.ops.convert_to_tensor(one) for one in opened])]
    attended = _attended(parts, exchanged)

    def merged(streams, rise=parts.rise):
        one, *lower = streams
        return parts.skff(1, [one, *(rise(k, stream) for k, stream in enumerate(lower, 2))])

    def added(streams, **options):
        return x + parts.conv(merged(streams, **options))

    risen = [parts.rise(k, attended[k - 1]) for k in (2, 3)]
    mistakes = {
        "the input is not added at the end.": parts.conv(merged(attended)),
        "the convolution at the end is missing.": x + merged(attended),
        "the second column is missing: no attention after the exchange.": added(exchanged),
        "the exchange is missing: the streams share no information.": added(_attended(parts, opened)),
        "the merge uses `bring`, the modules of the exchange. The merge has modules of its own: `rise`.": added(
            attended, rise=lambda k, stream: parts.bring(stream, k, 1)
        ),
        "the streams are merged with a sum; SKFF gives them weights.": x + parts.conv(sum([attended[0], *risen])),
        "only stream 1 reaches the output, streams 2 and 3 are lost: merge all three.": x + parts.conv(attended[0]),
        "the input is added before the convolution.": parts.conv(x + merged(attended)),
        "stream 1 after its attention is added at the end, not the input of the block.": added(attended)
        - x
        + opened[0],
        "the streams are in the wrong order in the merge.": x + parts.conv(parts.skff(1, [*risen[::-1], attended[0]])),
    }
    compare("block(features, parts)", call(function, x, parts), run(ours, x), mistakes, look, relative=CLOSE)
    passed("block: three resolutions, an exchange, a merge, and a skip connection.")


def _attended(parts: Parts, streams: Sequence) -> list:
    return [parts.dau(k, stream) for k, stream in enumerate(streams, 1)]


def restore(function) -> None:
    """Exercise 4: `restore(photo, whole)` is MIRNet."""
    look = "“The network”: shallow, then for each group blocks, conv and its input, then last, then the photo."
    net = _network()
    photo = np.random.default_rng(5).uniform(0, 1, (1, SIDE, SIDE, 3)).astype(np.float32)
    right = run(net, photo)

    def variant(join, **options):
        return photo + _residual(net, photo, join, **options)

    mistakes = {
        "this is the residual alone; the photo is added to it.": right - photo,
        "the result is clipped to [0, 1]; the network itself does not clip.": np.clip(right, 0, 1),
        "the groups do not add their input: a group has a skip connection, too.": variant(
            lambda x, y, first, conv: conv(y)
        ),
        "every group adds the shallow features; it adds its own input.": variant(
            lambda x, y, first, conv: first + conv(y)
        ),
        "the convolution at the end of a group is missing.": variant(lambda x, y, first, conv: x + y),
        "the convolution at the end of a group, and the input that it adds, are missing.": variant(
            lambda x, y, first, conv: y
        ),
        "the convolution is applied to the sum: the input of a group skips its convolution too.": variant(
            lambda x, y, first, conv: conv(x + y)
        ),
        "only the first group is used.": variant(lambda x, y, first, conv: x + conv(y), groups=1),
        "only the first block of each group is used.": variant(lambda x, y, first, conv: x + conv(y), blocks=1),
    }
    compare("restore(photo, whole)", call(function, photo, whole_of(net)), right, mistakes, look, relative=CLOSE)
    passed("restore: MIRNet, from a dark photo to a restored one.")


def _residual(net: MIRNet, photo: np.ndarray, join: Callable, groups: int = 2, blocks: int = 2) -> np.ndarray:
    """R of a network whose groups combine their input, their last block's output and the shallow features by `join`."""
    shallow = x = net.shallow(keras.ops.convert_to_tensor(photo))
    for group in net.groups[:groups]:
        refined = x
        for part in group.chain[:blocks]:
            refined = part(refined)
        x = join(x, refined, shallow, group.last)
    return as_array(net.last(x))


def unit_cost(function) -> None:
    """Exercise 5: `unit_cost(channels, height, width)` against `explain.cost`."""
    look = "“What it costs”: the table of the unit's convolutions; parameters count once, MACs at every pixel."
    for n, height, width in ((8, 10, 12), (32, 5, 6)):
        what = f"unit_cost({n}, {height}, {width})"
        got = call(function, n, height, width)
        several(what, got, "a pair, (parameters, macs)", look=look)
        found = cost(DualAttentionUnit(n), (height, width))
        known = _parameters(n, found.parameters), _macs(n, height * width, found)
        due = {"parameters": found.parameters, "MACs": found.macs}
        for value, (name, right), mistakes in zip(got, due.items(), known, strict=True):
            compare(f"the number of {name} of {what}", value, right, mistakes, look, relative=1e-9)
    passed("unit_cost: parameters exist once; MACs are done at every pixel.")


def _parameters(n: int, right: int) -> dict[str, Any]:
    few = n // 8
    return {
        "the slope of the PReLU is missing: it is learned, one number.": right - 1,
        "PReLU has a slope for each channel here; MIRNet has a single one.": right - 1 + n,
        "every convolution has a bias here; MIRNet's have none.": right + 4 * n + few + 1,
        "only one of the two 3×3 convolutions is counted.": right - 9 * n * n,
        "the merge has n input channels here; it has both halves, 2n.": right - n * n,
        "spatial attention has one map here; it has two, the maximum and the mean.": right - 25,
        "spatial attention is 1×1 here; it is 5×5.": right - 48,
        "spatial attention is missing.": right - 50,
        "channel attention is missing.": right - 2 * n * few,
        "only one of channel attention's two convolutions is counted.": right - n * few,
        "channel attention does not squeeze here: n to n/8 and back.": right - 2 * n * few + 2 * n * n,
    }


def _macs(n: int, pixels: int, found) -> dict[str, Any]:
    right, per_pixel = found.macs, found.parameters - 1
    few = n // 8
    return {
        "channel attention works at every pixel here; the input of its convolutions is the descriptor.": per_pixel
        * pixels,
        "every parameter counts at every pixel here. The slope has no MACs, and channel attention only works on the "
        "descriptor.": found.parameters * pixels,
        "these are the MACs of one pixel; multiply by height and width.": per_pixel,
        "these are operations; a MAC is a multiplication and an addition together.": 2 * right,
        "channel attention is missing: few MACs, but not none.": right - 2 * n * few,
        "only one of the two 3×3 convolutions is counted.": right - 9 * n * n * pixels,
        "the merge has n input channels here; it has both halves, 2n.": right - n * n * pixels,
        "spatial attention is missing.": right - 50 * pixels,
    }
