"""Checks of lesson 6: the first column, the exchange, the block, the network, and what a unit costs."""

from collections.abc import Callable, Sequence
from functools import cache

import keras
import numpy as np

from explain.tracing.costs import cost
from lessons.checks.checking import Mistake, call, compare, passed, wrong
from lessons.checks.parts import CHANNELS, STREAMS, Parts, as_array, run, whole_of
from model.attention import DualAttentionUnit
from model.config import MIRNetConfig
from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock
from model.zoo import seed_weights

__all__ = ["block", "exchange", "first_column", "restore", "unit_cost"]

SIDE = 16
"""Pixels of the pictures that checks run on: wiring is the same at any size."""

CLOSE = 1e-4
"""Float32 through a chain of blocks; a wrong wire changes far more."""


@cache
def _network() -> MIRNet:
    """Small, with weights so strong that every wire counts."""
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


def _compare_streams(
    what: str, got, right: Sequence, mistakes: Sequence[tuple[str, Sequence]], look: str
) -> None:
    if not isinstance(got, list | tuple) or len(got) != len(right):
        wrong(f"{what} is {_number_of(got)}, not a list of three streams.", look=look)
    for k, (one, due) in enumerate(zip(got, right, strict=True), 1):
        known = [Mistake(text, results[k - 1]) for text, results in mistakes]
        compare(f"stream {k} of {what}", one, due, known, look, relative=CLOSE)


def _number_of(got) -> str:
    return f"a list of {len(got)}" if isinstance(got, list | tuple) else f"a {type(got).__name__}"


def first_column(function) -> None:
    """Exercise 1: `first_column(features, parts)` opens the three streams."""
    look = "“Open three streams”: dau, then down, then dau, then down, then dau."
    x, parts = _features(1), Parts(_block())
    one = parts.dau(1, x)
    two = parts.dau(2, parts.bring(one, 1, 2))
    right = [one, two, parts.dau(3, parts.bring(two, 2, 3))]
    early = parts.dau(2, parts.bring(x, 1, 2))
    plain = parts.bring(one, 1, 2)
    mistakes = [
        (
            "stream 2 was made from the input; it is made from stream 1 after its attention.",
            [one, early, parts.dau(3, parts.bring(early, 2, 3))],
        ),
        (
            "stream 3 was made from stream 1 in one go; it is made from stream 2, halved once more.",
            [one, two, parts.dau(3, parts.bring(one, 1, 3))],
        ),
        (
            "stream 3 was made from the input; it is made from stream 2 after its attention.",
            [one, early, parts.dau(3, parts.bring(x, 1, 3))],
        ),
        (
            "only stream 1 goes through its attention: dau 2 and dau 3 are missing.",
            [one, plain, parts.bring(plain, 2, 3)],
        ),
        (
            "stream 1 does not go through its attention unit.",
            [x, early, parts.dau(3, parts.bring(early, 2, 3))],
        ),
        (
            "stream 2 is halved before its attention has seen it: down leads from the *attended* stream 2 to stream 3.",
            [one, two, parts.dau(3, parts.bring(plain, 2, 3))],
        ),
    ]
    got = call(function, x, parts)
    _compare_streams("first_column(features, parts)", got, right, mistakes, look)
    passed("first_column: three streams, each a view of the one above after its attention.")


def exchange(function) -> None:
    """Exercise 2: `exchange(streams, parts)` lets every stream hear all others."""
    look = "“Everybody hears everybody”: for each stream j, bring all three to j and fuse them with skff(j, ...)."
    parts, streams = Parts(_block()), [_features(10 + k, k) for k in STREAMS]

    def arrived(source, j):
        return [parts.bring(one, k, j) for k, one in zip(STREAMS, source, strict=True)]

    right = [parts.skff(j, arrived(streams, j)) for j in STREAMS]
    overwritten = list(streams)
    for j in STREAMS:
        overwritten[j - 1] = parts.skff(j, arrived(overwritten, j))
    mistakes = [
        (
            "later streams hear what earlier ones have just become: the list was overwritten on the way. "
            "All of them read the streams as they were before; make a new list.",
            overwritten,
        ),
        (
            "the streams arrive in the wrong order: SKFF has weights of its own for stream 1, 2 and 3, in this order.",
            [parts.skff(j, arrived(streams, j)[::-1]) for j in STREAMS],
        ),
        (
            "the streams arrive in the wrong order, the stream itself first: SKFF has weights of its own for stream 1, "
            "2 and 3, in this order.",
            [parts.skff(j, _own_first(arrived(streams, j), j)) for j in STREAMS],
        ),
        (
            "the streams are added, not fused: skff(j, ...) gives them weights.",
            [sum(arrived(streams, j)) for j in STREAMS],
        ),
        (
            "the streams are averaged, not fused: skff(j, ...) gives them weights.",
            [sum(arrived(streams, j)) / len(STREAMS) for j in STREAMS],
        ),
        ("nothing was exchanged: these are the streams as they came.", streams),
        (
            "a stream is fused with itself only: three times the same one.",
            [parts.skff(j, [streams[j - 1]] * 3) for j in STREAMS],
        ),
    ]
    got = call(function, list(streams), parts)
    _compare_streams("exchange(streams, parts)", got, right, mistakes, look)
    passed("exchange: nine connections, three fusions, and nobody waits for anybody.")


def _own_first(arrived: list, j: int) -> list:
    return [arrived[j - 1], *(one for k, one in enumerate(arrived, 1) if k != j)]


def block(function) -> None:
    """Exercise 3: `block(features, parts)` is the multi-scale residual block."""
    look = "“The block”: first column, exchange, attention again, merge with rise, conv, and the input on top."
    x, ours = _features(3), _block()
    parts = Parts(ours)
    opened = [as_array(one) for one in ours.first_column(keras.ops.convert_to_tensor(x))]
    heard = [
        as_array(one) for one in ours.exchange([keras.ops.convert_to_tensor(one) for one in opened])
    ]
    attended = _attended(parts, heard)

    def merged(streams, rise=parts.rise):
        one, *lower = streams
        return parts.skff(1, [one, *(rise(k, stream) for k, stream in enumerate(lower, 2))])

    right = run(ours, x)
    mistakes = [
        Mistake("the input is not added at the end.", parts.conv(merged(attended))),
        Mistake("the convolution at the end is missing.", x + merged(attended)),
        Mistake(
            "the second column is missing: no attention after the exchange.",
            x + parts.conv(merged(heard)),
        ),
        Mistake(
            "the exchange is missing: the streams do not hear each other.",
            x + parts.conv(merged(_attended(parts, opened))),
        ),
        Mistake(
            "the merge uses `bring`, whose modules belong to the exchange. The merge has modules of its own: `rise`.",
            x + parts.conv(merged(attended, lambda k, stream: parts.bring(stream, k, 1))),
        ),
        Mistake(
            "the streams are merged with a sum; SKFF gives them weights.",
            x + parts.conv(sum([attended[0], *(parts.rise(k, attended[k - 1]) for k in (2, 3))])),
        ),
        Mistake(
            "only stream 1 gets to the end, and what streams 2 and 3 found is lost: merge all three.",
            x + parts.conv(attended[0]),
        ),
        Mistake("the input is added before the convolution.", parts.conv(x + merged(attended))),
        Mistake(
            "stream 1 after its attention is added at the end; the input goes around the whole block.",
            opened[0] + parts.conv(merged(attended)),
        ),
        Mistake(
            "the streams stand in the wrong order in the merge.",
            x
            + parts.conv(
                parts.skff(1, [*(parts.rise(k, attended[k - 1]) for k in (3, 2)), attended[0]])
            ),
        ),
    ]
    compare(
        "block(features, parts)", call(function, x, parts), right, mistakes, look, relative=CLOSE
    )
    passed("block: three resolutions, an exchange, a merge, and a way around all of it.")


def _attended(parts: Parts, streams: Sequence) -> list:
    return [parts.dau(k, stream) for k, stream in enumerate(streams, 1)]


def restore(function) -> None:
    """Exercise 4: `restore(photo, whole)` is MIRNet."""
    look = "“The network”: shallow, then for each group blocks, conv and its input, then last, then the photo."
    net = _network()
    photo = np.random.default_rng(5).uniform(0, 1, (1, SIDE, SIDE, 3)).astype(np.float32)
    right = run(net, photo)
    mistakes = [
        Mistake("this is the residual alone; the photo is added to it.", right - photo),
        Mistake(
            "the result is clipped to [0, 1]; the network itself does not clip.",
            np.clip(right, 0, 1),
        ),
        Mistake(
            "the groups do not add their input: a group is residual too.",
            photo + _residual(net, photo, lambda x, refined, shallow, conv: conv(refined)),
        ),
        Mistake(
            "every group adds the shallow features; it adds what came into *this* group.",
            photo
            + _residual(net, photo, lambda x, refined, shallow, conv: shallow + conv(refined)),
        ),
        Mistake(
            "the convolution at the end of a group is missing.",
            photo + _residual(net, photo, lambda x, refined, shallow, conv: x + refined),
        ),
        Mistake(
            "the convolution at the end of a group, and the input that it adds, are missing.",
            photo + _residual(net, photo, lambda x, refined, shallow, conv: refined),
        ),
        Mistake(
            "the convolution is done to the sum: the input of a group goes around its convolution too.",
            photo + _residual(net, photo, lambda x, refined, shallow, conv: conv(x + refined)),
        ),
        Mistake(
            "only the first group is used.",
            photo
            + _residual(net, photo, lambda x, refined, shallow, conv: x + conv(refined), groups=1),
        ),
        Mistake(
            "only the first block of each group is used.",
            photo
            + _residual(net, photo, lambda x, refined, shallow, conv: x + conv(refined), blocks=1),
        ),
    ]
    compare(
        "restore(photo, whole)",
        call(function, photo, whole_of(net)),
        right,
        mistakes,
        look,
        relative=CLOSE,
    )
    passed("restore: MIRNet, from the photo to the photo.")


def _residual(
    net: MIRNet, photo: np.ndarray, join: Callable, groups: int = 2, blocks: int = 2
) -> np.ndarray:
    """R, where each group joins its input, its last block's result and the shallow features in some way."""
    shallow = x = net.shallow(keras.ops.convert_to_tensor(photo))
    for group in net.groups[:groups]:
        refined = x
        for part in group.chain[:blocks]:
            refined = part(refined)
        x = join(x, refined, shallow, group.last)
    return as_array(net.last(x))


def unit_cost(function) -> None:
    """Exercise 5: `unit_cost(channels, height, width)` against `explain.cost`."""
    look = "“What it costs”: the table of the unit's convolutions; weights once, MACs at every place they work."
    for n, height, width in ((8, 10, 12), (32, 5, 6)):
        what = f"unit_cost({n}, {height}, {width})"
        got = call(function, n, height, width)
        if not isinstance(got, list | tuple) or len(got) != 2:
            wrong(f"{what} is not a pair: give (parameters, macs).", look=look)
        found = cost(DualAttentionUnit(n), (height, width))
        known = _parameters(n, found.parameters), _macs(n, height * width, found)
        due = {"parameters": found.parameters, "MACs": found.macs}
        for value, (name, right), mistakes in zip(got, due.items(), known, strict=True):
            compare(f"the number of {name} of {what}", value, right, mistakes, look, relative=1e-9)
    passed("unit_cost: weights exist once; work is done at every place.")


def _parameters(n: int, right: int) -> list[Mistake]:
    few = n // 8
    return [
        Mistake("the slope of the PReLU is missing: it is learned, one number.", right - 1),
        Mistake("PReLU has a slope for each channel here; MIRNet has a single one.", right - 1 + n),
        Mistake("every convolution has a bias here; MIRNet's have none.", right + 4 * n + few + 1),
        Mistake("only one of the two 3×3 convolutions is counted.", right - 9 * n * n),
        Mistake("the merge takes n channels here; it takes both halves, 2n.", right - n * n),
        Mistake(
            "spatial attention has one map here; it has two, the maximum and the mean.", right - 25
        ),
        Mistake("spatial attention is 1×1 here; it is 5×5.", right - 48),
        Mistake("spatial attention is missing.", right - 50),
        Mistake("channel attention is missing.", right - 2 * n * few),
        Mistake("only one of channel attention's two convolutions is counted.", right - n * few),
        Mistake(
            "channel attention does not squeeze here: n to n/8 and back.",
            right - 2 * n * few + 2 * n * n,
        ),
    ]


def _macs(n: int, places: int, found) -> list[Mistake]:
    right, everywhere = found.macs, (found.parameters - 1) * places
    few = n // 8
    return [
        Mistake(
            "channel attention works at every place here; its two convolutions see the descriptor, which is one place.",
            everywhere,
        ),
        Mistake(
            "every parameter works at every place here. The slope is none of a convolution, and channel attention has "
            "one place only, the descriptor.",
            found.parameters * places,
        ),
        Mistake("this is the work at one place; times height and width.", found.parameters - 1),
        Mistake(
            "these are operations; a MAC is a multiplication and an addition together.", 2 * right
        ),
        Mistake("channel attention is missing: few MACs, but not none.", right - 2 * n * few),
        Mistake("only one of the two 3×3 convolutions is counted.", right - 9 * n * n * places),
        Mistake(
            "the merge takes n channels here; it takes both halves, 2n.", right - n * n * places
        ),
        Mistake("spatial attention is missing.", right - 50 * places),
    ]
