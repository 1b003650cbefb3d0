"""Contracts of spatial attention: one gate per pixel, from the channels' maximum and mean around it."""

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare, compare_locally, tolerance
from model.contracts.components.attention import gate_of, gate_promises, positive
from model.contracts.formulas import convolution, relu
from model.contracts.promise import Call, Promises, Verdict, learned

__all__ = ["PROMISES"]

PROMISES = Promises("SpatialAttention", 'section 3.1, "Dual attention unit"')

NAMED_AVERAGE = "both maps are maxima: is the second one named average, and computed with a maximum?"

common_promises(PROMISES, "one 5×5 convolution of two maps, 50 numbers")


@PROMISES.promise("max, then mean", hooks=("pooled",))
def pooled(call: Call) -> Verdict:
    """The two maps are the maximum and the mean over the channels, in this order."""
    x = call.features
    high = x.max(-1, keepdims=True)
    mean = x.mean(-1, keepdims=True, dtype="float64")

    def maps(*pair):
        return np.concatenate(pair, axis=-1)

    mistakes = [
        Mistake("the order is swapped, the maximum comes first", lambda: maps(mean, high)),
        Mistake(NAMED_AVERAGE, lambda: maps(high, high)),
        Mistake("both maps are means", lambda: maps(mean, mean)),
        Mistake("the second map is the sum, not the mean", lambda: maps(high, x.sum(-1, keepdims=True))),
        Mistake("the first map is the minimum", lambda: maps(x.min(-1, keepdims=True), mean)),
    ]
    return compare("pooled", call["pooled"], maps(high, mean), mistakes, float(np.abs(x).max(initial=0)))


@PROMISES.promise("5×5 convolution", hooks=("pooled", "logits"), layers=("locate.kernel",))
def logits(call: Call) -> Verdict:
    """The logits are a 5×5 convolution of the two maps, with zeros outside the picture."""
    kernel = learned(call.component.locate.kernel)
    if kernel.shape[:2] != (5, 5):
        size = f"{kernel.shape[0]}×{kernel.shape[1]}"
        return Verdict(False, f"the convolution is {size}; a gate depends on the 5×5 neighbourhood of its pixel")

    def mirrored(maps):
        return convolution(np.pad(maps, ((0, 0), (2, 2), (2, 2), (0, 0)), "reflect"), kernel)[:, 2:-2, 2:-2]

    mistakes = [
        Mistake("only the centre of the kernel is used, as in 1×1 attention", lambda maps: maps @ kernel[2, 2]),
        Mistake("the border is mirrored; it should be zeros", mirrored),
        Mistake("a ReLU follows the convolution", lambda maps: relu(convolution(maps, kernel))),
    ]
    return compare_locally(call, "logits", "pooled", lambda maps: convolution(maps, kernel), mistakes, reach=2)


gate_promises(PROMISES, (3,), "the same for all channels", "Each pixel")


@PROMISES.promise("receptive field of 5×5", probes=True)
def receptive_field(call: Call) -> Verdict:
    """A pixel changes the gates of the 5×5 pixels around it, and no others."""
    x = positive(call)
    brighter = x.copy()
    brighter[:, 5, 5] *= 2
    changed = _difference(call, x, brighter) > tolerance("float32")  # (11, 11)
    rows, columns = np.nonzero(changed)
    if rows.size == 0:
        return Verdict(True, "the gates do not depend on the features at all (all weights zero?)")
    reach = int(max(abs(rows - 5).max(), abs(columns - 5).max()))
    if reach == 2:
        return Verdict(True, "a pixel changes gates up to 2 pixels away", 2)
    size = f"{2 * reach + 1}×{2 * reach + 1}"
    hint = {
        0: "the receptive field of a 1×1 convolution is one pixel, the paper's is 5×5",
        5: "does something average over the whole picture?",
    }.get(reach, f"the convolution is {size}, the paper's is 5×5")
    return Verdict(False, f"a pixel changes gates up to {reach} pixels away, not 2: {hint}", reach)


@PROMISES.promise("maximum and mean", probes=True)
def both_statistics(call: Call) -> Verdict:
    """The gates depend on the maximum and on the mean over the channels, and on nothing else of them."""
    x = np.sort(positive(call), axis=-1)  # the last channel is the largest everywhere
    channels = x.shape[-1]
    if channels == 1 or not _difference(call, x, 2 * x).any():
        return Verdict(True, "with one channel, or without weights, there is nothing to tell apart")
    duller, peakier = x.copy(), x.copy()
    duller[..., :-1] *= 0.5  # the same maximum, a lower mean
    peakier[..., -1] += 0.05 * (channels - 1)
    peakier[..., :-1] -= 0.05  # the same mean, a higher maximum
    slack = tolerance("float32")
    if _difference(call, x, duller).max() <= slack:
        return Verdict(False, f"the gates do not depend on the mean over the channels: {NAMED_AVERAGE}")
    if _difference(call, x, peakier).max() <= slack:
        return Verdict(False, "the gates do not depend on the maximum over the channels: are both maps means?")
    swapped = float(_difference(call, x, x[..., ::-1].copy()).max())
    if swapped > slack:
        return Verdict(False, "the gates depend on the order of the channels: are they mixed before pooling?", swapped)
    return Verdict(True, "they depend on both, and not on the order of the channels", swapped)


def _difference(call: Call, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How far the gates of two inputs differ at each pixel: (height, width)."""
    one, other = (gate_of(features, call.run(features))[0] for features in (first, second))
    return np.abs(one - other).max(axis=-1)[0]
