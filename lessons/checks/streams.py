"""Checks of lesson 3: aliasing, the blur, what it leaves, the down-sampling module, and receptive fields."""

from typing import Any

import keras
import numpy as np

from lessons.checks.checking import Either, call, compare, passed, with_weights, wrong
from model.contracts.formulas import blur_halve as our_blur_halve
from model.contracts.formulas import convolution, prelu
from model.resizing import DownsampleStep

__all__ = ["blur_halve", "contrast_left", "downsample", "reach", "seen_period", "takes_tensors"]

CHANNELS = 8
SLOPE = 0.25  # PReLU's, before it has learned anything


def seen_period(function) -> None:
    """Exercise 1: `seen_period(period)` of stripes sampled at every second pixel."""
    look = "“Aliasing”: w = 2 / p periods per small pixel; |w − m| of them are seen."
    period = np.array([10.0, 5.0, 3.0, 2.5, 2.2])
    waves = 2 / period
    signed = waves - np.rint(waves)
    right = 1 / np.abs(signed)
    slow = 1 / np.abs(1 / period - np.rint(1 / period))
    mistakes = {
        "aliasing is missing: this is half the period. m is the *nearest* integer (`np.rint`), not "
        "the one below (`%`, `floor`).": period / 2,
        "the 2 is missing: in a pixel of the small picture, two pixels wide, there are 2 / p periods.": slow,
        "this is measured in pixels of the large picture.": 2 * right,
        "this is the frequency; a period is one over that.": np.abs(signed),
        "the absolute value is missing: a period is not negative.": 1 / signed,
    }
    compare("seen_period([10, 5, 3, 2.5, 2.2])", call(function, period), right, mistakes, look)
    passed(
        "seen_period: from 4 pixels on it is half the period. Below, it is an alias: a pattern that was never there."
    )


def blur_halve(function) -> None:
    """Exercise 2: `blur_halve(features)` is the fixed filter inside the resizing modules."""
    look = "“Blur first”: (before + 2 · here + after) / 4 along rows and columns, every second value, reflected border."
    features = np.random.default_rng(1).uniform(size=(2, 8, 12, 3)).astype("float32")
    right = our_blur_halve(features)
    got = np.asarray(call(function, features))
    compare("blur_halve(features)", got, right, _blur_mistakes(features, right), look)
    takes_tensors("blur_halve", function, (1, 8, 8, 2), look)
    passed("blur_halve: a fixed low-pass filter without weights, inside every resizing module of MIRNet.")


def takes_tensors(name: str, function, shape, look: str) -> None:
    """Rejects a function that works with arrays, but not with the symbolic tensors inside a network.

    Args:
        name: What the function is called.
        function: The learner's.
        shape: Of its input, or a list of shapes for a list of inputs.
        look: Where to look.

    Raises:
        NotYet: If it cannot be part of a network.
    """
    several = isinstance(shape, list)
    tensors = [keras.KerasTensor(each) for each in (shape if several else [shape])]
    try:
        keras.layers.Lambda(function)(tensors if several else tensors[0])
    except Exception as error:
        mistake = "NumPy's functions were used; `keras.ops` has the same ones for tensors, such as `ops.pad`."
        wrong(
            f"{name} takes arrays, but not the tensors inside a network: {type(error).__name__}.",
            mistake,
            look,
        )


def _blur_mistakes(features: np.ndarray, right: np.ndarray) -> dict[str, Any]:
    batch, height, width, channels = features.shape
    tiles = features.reshape(batch, height // 2, 2, width // 2, 2, channels)
    around = [(0, 0), (1, 1), (1, 1), (0, 0)]
    wide = np.pad(features, around, mode="reflect")
    nine = [wide[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    binomial = np.array([1, 2, 1, 2, 4, 2, 1, 2, 1]) / 16
    box = np.mean(nine, axis=0)[:, ::2, ::2]
    full = np.tensordot(binomial, np.stack(nine), axes=1)
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2])[:, :, 1:-1] / 4
    return {
        "there is no blur: every second pixel was taken as it is (aliasing).": features[:, ::2, ::2],
        "this is max pooling: the largest of 2 × 2 pixels is no average.": tiles.max((2, 4)),
        "this is average pooling: the mean of 2 × 2 pixels is shifted by half a pixel, and lets more aliasing "
        "through. The blur is 1 2 1 *around* every second pixel.": tiles.mean((2, 4)),
        "it was blurred, but all pixels were kept.": full,
        "it was blurred along one axis only.": rows[:, :, ::2],
        "only the rows were blurred and halved; the columns are still to do.": rows,
        "the sum was not divided: 1 + 2 + 1 is 4, and 16 for rows and columns.": 16 * right,
        "it was divided by 4 once: rows and columns both need it.": 4 * right,
        "all nine pixels have the same weight: the one in the middle counts four times a corner.": box,
        "the border is padded with zeros, which makes a dark frame: pad with `reflect`.": our_blur_halve(
            features, "constant"
        ),
        "the border repeats its last pixel (`symmetric`, `edge`); `reflect` does not.": our_blur_halve(
            features, "edge"
        ),
        "it is one pixel off: the first pixel that stays is in row 0, column 0.": full[:, 1::2, 1::2],
    }


def contrast_left(function) -> None:
    """Exercise 3: `contrast_left(period)`, the share of the contrast of stripes that the blur leaves."""
    look = "“Blur first”: before + after is 2·cos φ·cos(2π/p), here is cos φ; add with the weights, divide by 4."
    period = np.array([100.0, 8.0, 4.0, 3.0, 2.5, 2.0])
    phase = 2 * np.pi / period
    right = (1 + np.cos(phase)) / 2
    mistakes = {
        "the pixel itself is missing: this is only what its neighbours give, (before + after) / 2.": np.cos(phase),
        "it counts once; in the blur the pixel itself counts twice.": (1 + 2 * np.cos(phase)) / 4,
        "it was not divided by 4.": 2 + 2 * np.cos(phase),
        "the phase is half as large: from pixel to pixel it is 2π/p.": (1 + np.cos(phase / 2)) / 2,
        "the cosine takes radians: a period is 2π, not 360.": (1 + np.cos(360 / period)) / 2,
        "2π is missing: the phase changes by 2π/p from pixel to pixel.": (1 + np.cos(1 / period)) / 2,
        "this is what the blur removes.": (1 - np.cos(phase)) / 2,
        "it was squared: vertical stripes do not change along a column, so that blur leaves them alone.": right**2,
    }
    compare("contrast_left([100, 8, 4, 3, 2.5, 2])", call(function, period), right, mistakes, look)
    passed("contrast_left: all of broad stripes, half at 4 pixels, nothing at 2, the finest there are.")


def downsample(learners) -> None:
    """Exercise 4: `Downsample` fulfils its contracts, and has the output of our module with its weights."""
    look = "“The resizing module”: follow the drawing from left to right, both branches, and add."
    features = np.random.default_rng(2).normal(size=(1, 16, 24, CHANNELS)).astype("float32")
    ours = DownsampleStep(CHANNELS)
    got = with_weights(learners(CHANNELS), ours.get_weights(), "Downsample", features, look)
    what = "Downsample(8)(features) with given weights"
    mistakes = _order_mistakes(features, ours.get_weights())
    compare(what, got, np.asarray(ours(features)), mistakes, look, relative=1e-4)
    passed("Downsample: it fulfils all its contracts. The blur prevents aliasing, and nothing else resizes.")


def _order_mistakes(features: np.ndarray, weights: list[np.ndarray]) -> dict[str, Any]:
    """Mistakes that no contract sees from outside, since they only show in the 3×3 convolution."""
    enter, _, middle, _, widen, shortcut = weights
    small = our_blur_halve(features)

    def filtered(values):
        return prelu(convolution(prelu(convolution(values, enter), SLOPE), middle), SLOPE)

    def module(small_body):
        return convolution(small_body, widen) + convolution(small, shortcut)

    late = prelu(convolution(convolution(prelu(features, SLOPE), enter), middle), SLOPE)
    return {
        "it was downsampled before the main branch, whose 3×3 convolution works at full size.": module(filtered(small)),
        "the first PReLU comes before its convolution.": module(our_blur_halve(late)),
    }


def reach(function) -> None:
    """Exercise 5: `reach(layers)`, the size of the theoretical receptive field."""
    look = "“Receptive field”: a layer adds (k − 1) · step; then its stride multiplies the step."
    cases = [[(3, 1)], [(3, 1), (3, 1), (5, 1)], [(3, 2), (3, 1)], [(3, 1), (3, 2), (5, 1), (3, 2), (3, 1)], []]
    for layers in cases:
        got = call(function, list(layers))
        compare(f"reach({layers})", got, _reach(layers), _reach_mistakes(layers), look)
    passed("reach: every halving doubles what all later kernels add. So stream 3 has the largest receptive field.")


def _reach(layers, start: int = 1, stride_first: bool = False, strides: bool = True, less: int = 1) -> int:
    """The size of the field, or a wrong one."""
    size, step = start, 1
    for kernel, stride in layers:
        step *= stride if stride_first else 1
        size += (kernel - less) * (step if strides else 1)
        step *= 1 if stride_first else stride
    return size


def _reach_mistakes(layers) -> dict[str, Any]:
    return {
        "the strides are forgotten: after a stride of 2, neighbours are two pixels of the photo apart.": _reach(
            layers, strides=False
        ),
        "the stride counts for its own layer already: a layer's kernel has the step of its *input*.": _reach(
            layers, stride_first=True
        ),
        "whole kernels are added: a kernel of 3 reaches one pixel to each side, so it adds 3 − 1.": Either(
            _reach(layers, less=0), _reach(layers, start=0, less=0)
        ),
        "it begins with 0: without any layer the field is one pixel, itself.": _reach(layers, start=0),
        "kernel sizes are multiplied: two kernels of 3 see 5 pixels, not 9.": int(
            np.prod([kernel for kernel, _ in layers], initial=1)
        ),
    }
