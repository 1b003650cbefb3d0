"""Checks of lesson 3: aliasing, the blur, what it leaves, the down-sampling module, and receptive fields."""

from typing import Any

import numpy as np

from lessons.checks.kit import Either, NotYet, Steps, call, compare, component, exercise, with_weights, wrong
from model.contracts.formulas import blur_halve as our_blur_halve
from model.contracts.formulas import convolution, prelu
from model.resizing import DownsampleStep

__all__ = ["blur_halve", "contrast_left", "downsample", "reach", "seen_period"]

CHANNELS = 8
SLOPES = (0.1, 0.4)  # of the two PReLUs


@exercise
def seen_period(function) -> str:
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
        "1 is subtracted always; m is the integer that is nearest to w, which is 0 for broad stripes.": 1
        / np.abs(waves - 1),
        "w = 2 / p: a pixel of the small picture holds twice as many periods as one of the large, not half as many.": 1
        / np.abs(1 / (2 * period) - np.rint(1 / (2 * period))),
    }
    stages = {
        "the frequency w = 2 / p": waves,
        "the distance to the nearest integer": (signed, -signed, np.abs(signed)),
    }
    steps = Steps(function, (period,), stages)
    compare("seen_period([10, 5, 3, 2.5, 2.2])", call(function, period), right, mistakes, look, steps=steps)
    return "seen_period: from 4 pixels on it is half the period. Below, it is an alias: a pattern that was never there."


@exercise
def blur_halve(function) -> str:
    """Exercise 2: `blur_halve(features)` is the fixed filter inside the resizing modules."""
    look = "“Blur first”: (before + 2 · here + after) / 4 along rows and columns, every second value, reflected border."
    features = np.random.default_rng(1).uniform(size=(2, 8, 12, 3)).astype("float32")
    right = our_blur_halve(features)
    got = np.asarray(call(function, features))
    wide = np.pad(features, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]) / 4
    columns = (wide[:, :, :-2:2] + 2 * wide[:, :, 1:-1:2] + wide[:, :, 2::2]) / 4
    stages = {
        "padded by reflection": wide,
        "rows or columns, blurred and halved": (rows, columns, 4 * rows, 4 * columns),
    }
    steps = Steps(function, (features,), stages)
    compare("blur_halve(features)", got, right, _blur_mistakes(features, right), look, steps=steps)
    return "blur_halve: a fixed low-pass filter without weights, inside every resizing module of MIRNet."


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
        "pixels were dropped first, and blurred afterwards: aliases are there already then, and stay.": _blurred(
            features[:, ::2, ::2]
        ),
        "the channels were mixed: each is blurred by itself.": np.broadcast_to(
            right.mean(-1, keepdims=True), right.shape
        ),
        "it is one pixel off: the first pixel that stays is in row 0, column 0.": full[:, 1::2, 1::2],
    }


def _blurred(features: np.ndarray) -> np.ndarray:
    """Blurred at full size."""
    wide = np.pad(features, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    rows = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    return (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4


@exercise
def contrast_left(function) -> str:
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
    mistakes |= {
        "the pixel itself is missing: its share is one half of the blur.": np.cos(phase) / 2,
        "all three pixels have the same weight; here counts twice, and the sum is divided by 4.": (
            1 + 2 * np.cos(phase)
        )
        / 3,
        "the phase is 2π · p; from pixel to pixel it is 2π / p.": (1 + np.cos(2 * np.pi * period)) / 2,
    }
    stages = {"the phase 2π / p": phase, "its cosine": np.cos(phase), "1 + cosine": 1 + np.cos(phase)}
    steps = Steps(function, (period,), stages)
    compare("contrast_left([100, 8, 4, 3, 2.5, 2])", call(function, period), right, mistakes, look, steps=steps)
    return "contrast_left: all of broad stripes, half at 4 pixels, nothing at 2, the finest there are."


@exercise
def downsample(learners) -> str:
    """Exercise 4: `Downsample` fulfils its contracts, and has the output of our module with its weights."""
    look = "“The resizing module”: follow the drawing from left to right, both branches, and add."
    features = np.random.default_rng(2).normal(size=(1, 16, 24, CHANNELS)).astype("float32")
    ours = DownsampleStep(CHANNELS)
    weights = ours.get_weights()
    weights[1][...], weights[3][...] = SLOPES
    ours.set_weights(weights)
    shrunk: list[Any] = []

    def shrink(values: Any) -> Any:
        shrunk.append(values)
        return our_blur_halve(np.asarray(values))

    layer = learners(CHANNELS, shrink=shrink)
    got = with_weights(layer, weights, "Downsample", features, look)
    right = np.asarray(ours(features))
    what = "Downsample(8)(features) with given weights"
    steps = Steps(type(layer).call, (layer, features), _stages(features, weights), parallel=True)
    mistakes = _order_mistakes(features, weights)
    try:
        compare(what, got, right, mistakes, look, relative=1e-4, steps=steps)
    except NotYet as error:
        if not error.mistake and (not shrunk or np.shape(got) != right.shape):
            component(learners(CHANNELS), "Downsample", features, look)  # which names what resizes instead
        raise
    if not shrunk:
        mistake = "your own `blur_halve` is called: `self.shrink` may be another one, as in the figure below."
        wrong("Downsample does not use `self.shrink`.", mistake, look)
    component(learners(CHANNELS), "Downsample", features, look)
    return "Downsample: it fulfils all its contracts. The blur prevents aliasing, and nothing else resizes."


def _stages(features: np.ndarray, weights: list[np.ndarray]) -> dict[str, Any]:
    """The right steps of the module, branch by branch."""
    enter, one, middle, other, widen, shortcut = weights
    entered = convolution(features, enter)
    active = prelu(entered, float(one.item()))
    filtered = convolution(active, middle)
    bent = prelu(filtered, float(other.item()))
    small, short = our_blur_halve(bent), our_blur_halve(features)
    return {
        "the first 1×1 convolution of the features": entered,
        "its PReLU": active,
        "the 3×3 convolution of that": filtered,
        "the second PReLU": bent,
        "the main branch, blurred and halved": (small, convolution(bent, widen)),
        "the main branch, widened": convolution(small, widen),
        "the features, blurred and halved": (short, convolution(features, shortcut)),
        "the shortcut, `self.shortcut` of the halved features": convolution(short, shortcut),
    }


def _order_mistakes(features: np.ndarray, weights: list[np.ndarray]) -> dict[str, Any]:
    """Outputs of modules that are put together wrongly."""
    stages = _stages(features, weights)
    enter, one, middle, other, widen, shortcut = weights
    main, short = (stages[name] for name in list(stages) if name.endswith(("widened", "halved features")))
    slopes = float(one.item()), float(other.item())
    small = our_blur_halve(features)

    def module(body: np.ndarray) -> np.ndarray:
        return convolution(body, widen) + short

    def filtered(values: np.ndarray, first: float = slopes[0], second: float = slopes[1]) -> np.ndarray:
        return prelu(convolution(prelu(convolution(values, enter), first), middle), second)

    entered = prelu(convolution(features, enter), slopes[0])
    late = prelu(convolution(convolution(prelu(features, slopes[0]), enter), middle), slopes[1])
    return {
        "the shortcut is not added.": main,
        "the main branch is not added.": short,
        "the branches were multiplied; add them.": main * short,
        "the branches were subtracted; add them.": Either(main - short, short - main),
        "the first PReLU is missing.": module(our_blur_halve(filtered(features, first=1))),
        "the second PReLU is missing.": module(our_blur_halve(filtered(features, second=1))),
        "the two PReLUs are swapped: each has a slope of its own.": module(
            our_blur_halve(filtered(features, *slopes[::-1]))
        ),
        "`widen` and `shortcut` are swapped.": convolution(our_blur_halve(filtered(features)), shortcut)
        + convolution(small, widen),
        "the shortcut begins after the first convolution; it begins with the features.": main
        + convolution(our_blur_halve(entered), shortcut),
        "another PReLU follows the sum.": Either(*(prelu(main + short, slope) for slope in slopes)),
        "it was downsampled before the main branch, whose 3×3 convolution works at full size.": module(filtered(small)),
        "it was downsampled before the 3×3 convolution, which works at full size.": module(
            prelu(convolution(our_blur_halve(entered), middle), slopes[1])
        ),
        "the first PReLU comes before its convolution.": module(our_blur_halve(late)),
        "both PReLUs come before their convolutions.": module(
            our_blur_halve(convolution(prelu(convolution(prelu(features, slopes[0]), enter), slopes[1]), middle))
        ),
    }


@exercise
def reach(function) -> str:
    """Exercise 5: `reach(layers)`, the size of the theoretical receptive field."""
    look = "“Receptive field”: a layer adds (k − 1) · step; then its stride multiplies the step."
    cases = [[(3, 1)], [(3, 1), (3, 1), (5, 1)], [(3, 2), (3, 1)], [(3, 1), (3, 2), (5, 1), (3, 2), (3, 1)], []]
    for layers in cases:
        got = call(function, list(layers))
        sizes = [_reach(layers[:count]) for count in range(1, len(layers) + 1)]
        stages = {f"the field after layer {k}": size for k, size in enumerate(sizes[:-1], 1)}
        steps = Steps(function, (list(layers),), stages, parallel=True) if stages else None
        compare(f"reach({layers})", got, _reach(layers), _reach_mistakes(layers), look, steps=steps)
    return "reach: every halving doubles what all later kernels add. So stream 3 has the largest receptive field."


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
        "the strides are added; each one *multiplies* the step of the layers after it.": 1
        + sum((kernel - 1) * (1 + sum(s - 1 for _, s in layers[:k])) for k, (kernel, _) in enumerate(layers)),
        "the step is the stride of the last layer alone; it is the product of all strides before.": 1
        + sum((kernel - 1) * (layers[k - 1][1] if k else 1) for k, (kernel, _) in enumerate(layers)),
        "both sides are counted twice: a kernel of 3 reaches one pixel to each side, 3 − 1 in all.": 2 * _reach(layers)
        - 1,
        "one side only: a kernel of 3 reaches one pixel to *each* side.": (_reach(layers) + 1) // 2,
        "the layers were gone through from input to output with a rule for the other direction.": _backwards(layers),
        "it begins with 0: without any layer the field is one pixel, itself.": _reach(layers, start=0),
        "kernel sizes are multiplied: two kernels of 3 see 5 pixels, not 9.": int(
            np.prod([kernel for kernel, _ in layers], initial=1)
        ),
    }


def _backwards(layers) -> int:
    size = 1
    for kernel, stride in layers:
        size = size * stride + kernel - 1
    return size
