"""Checks of lesson 3: aliasing, the blur, what it leaves, the down-sampling module, and receptive fields."""

import keras
import numpy as np

from lessons.checks.checking import Mistake, call, compare, component, passed, wrong
from model.contracts.formulas import blur_halve as our_blur_halve
from model.contracts.formulas import convolution, prelu
from model.resizing import DownsampleStep

__all__ = ["blur_halve", "contrast_left", "downsample", "reach", "seen_period", "takes_tensors"]

CHANNELS = 8
SLOPE = 0.25  # PReLU's, before it has learned anything


def seen_period(function) -> None:
    """Exercise 1: `seen_period(period)` of stripes of which every second pixel is kept."""
    look = "“Smaller, and wrong”: w = 2 / p waves in a small pixel; |w − m| of them are seen."
    period = np.array([10.0, 5.0, 3.0, 2.5, 2.2])
    waves = 2 / period
    signed = waves - np.rint(waves)
    right = 1 / np.abs(signed)
    mistakes = [
        Mistake(
            "nothing was folded back: this is half the period. m is the *nearest* whole number (`np.rint`), not "
            "the one below (`%`, `floor`).",
            period / 2,
        ),
        Mistake(
            "the 2 is missing: in a pixel of the small picture, two pixels wide, there are 2 / p waves.",
            1 / np.abs(1 / period - np.rint(1 / period)),
        ),
        Mistake("this is measured in pixels of the large picture.", 2 * right),
        Mistake("these are waves in a pixel; a period is one over that.", np.abs(signed)),
        Mistake("the absolute value is missing: a period is not negative.", 1 / signed),
    ]
    compare("seen_period([10, 5, 3, 2.5, 2.2])", call(function, period), right, mistakes, look)
    passed(
        "seen_period: from 4 pixels on it is half the period. Below, it is a pattern that was never there."
    )


def blur_halve(function) -> None:
    """Exercise 2: `blur_halve(features)` is the fixed filter inside the resizing modules."""
    look = "“Blur first”: (before + 2 · here + after) / 4 along rows and columns, every second value, mirrored border."
    features = np.random.default_rng(1).uniform(size=(2, 8, 12, 3)).astype("float32")
    right = our_blur_halve(features)
    got = np.asarray(call(function, features))
    compare("blur_halve(features)", got, right, _blur_mistakes(features, right), look)
    takes_tensors("blur_halve", function, (1, 8, 8, 2), look)
    passed("blur_halve: it has nothing to learn, and every resizing module of MIRNet uses it.")


def takes_tensors(name: str, function, shape, look: str) -> None:
    """Refuses a function that works with arrays, but not with the tensors that stand for them inside a network.

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


def _blur_mistakes(features: np.ndarray, right: np.ndarray) -> list[Mistake]:
    batch, height, width, channels = features.shape
    tiles = features.reshape(batch, height // 2, 2, width // 2, 2, channels)
    around = [(0, 0), (1, 1), (1, 1), (0, 0)]
    wide = np.pad(features, around, mode="reflect")
    nine = [wide[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    binomial = np.array([1, 2, 1, 2, 4, 2, 1, 2, 1]) / 16
    full = np.tensordot(binomial, np.stack(nine), axes=1)
    rows = (wide[:, :-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2])[:, :, 1:-1] / 4
    return [
        Mistake(
            "there is no blur: every second pixel was taken as it is (aliasing).",
            features[:, ::2, ::2],
        ),
        Mistake(
            "this is max pooling: the largest of 2 × 2 pixels is no average.", tiles.max((2, 4))
        ),
        Mistake(
            "this is average pooling: the mean of 2 × 2 pixels sits half a pixel off, and lets more false pattern "
            "through. The blur is 1 2 1 *around* every second pixel.",
            tiles.mean((2, 4)),
        ),
        Mistake("it was blurred, but all pixels were kept.", full),
        Mistake("it was blurred along one axis only.", rows[:, :, ::2]),
        Mistake("only the rows were blurred and halved; the columns are still to do.", rows),
        Mistake(
            "the sum was not divided: 1 + 2 + 1 is 4, and 16 for rows and columns.", 16 * right
        ),
        Mistake("it was divided by 4 once: rows and columns need it both.", 4 * right),
        Mistake(
            "all nine pixels have the same weight: the one in the middle counts four times a corner.",
            np.mean(nine, axis=0)[:, ::2, ::2],
        ),
        Mistake(
            "the border is filled with zeros, which draws a dark frame: mirror the picture (`reflect`).",
            our_blur_halve(features, "constant"),
        ),
        Mistake(
            "the border repeats its last pixel (`symmetric`, `edge`); `reflect` mirrors about it.",
            our_blur_halve(features, "edge"),
        ),
        Mistake(
            "it is one pixel off: the first one that stays is row 0, column 0.", full[:, 1::2, 1::2]
        ),
    ]


def contrast_left(function) -> None:
    """Exercise 3: `contrast_left(period)`, what the blur lets pass of stripes."""
    look = "“Blur first”: before + after is 2·cos φ·cos(2π/p), here is cos φ; add with the weights, divide by 4."
    period = np.array([100.0, 8.0, 4.0, 3.0, 2.5, 2.0])
    turn = 2 * np.pi / period
    mistakes = [
        Mistake(
            "the pixel itself is missing: this is only what its neighbours give, (before + after) / 2.",
            np.cos(turn),
        ),
        Mistake(
            "it counts once; in the blur the pixel itself counts twice.", (1 + 2 * np.cos(turn)) / 4
        ),
        Mistake("it was not divided by 4.", 2 + 2 * np.cos(turn)),
        Mistake(
            "the turn is half as large: from pixel to pixel it is 2π/p.", (1 + np.cos(turn / 2)) / 2
        ),
        Mistake("the cosine takes radians: a turn is 2π, not 360.", (1 + np.cos(360 / period)) / 2),
        Mistake(
            "2π is missing: the wave turns by 2π/p from pixel to pixel.",
            (1 + np.cos(1 / period)) / 2,
        ),
        Mistake("this is what the blur takes away.", (1 - np.cos(turn)) / 2),
        Mistake(
            "it was squared: upright stripes do not change along a column, so that blur leaves them alone.",
            ((1 + np.cos(turn)) / 2) ** 2,
        ),
    ]
    right = (1 + np.cos(turn)) / 2
    compare("contrast_left([100, 8, 4, 3, 2.5, 2])", call(function, period), right, mistakes, look)
    passed(
        "contrast_left: all of what is broad, half at 4 pixels, nothing at 2, the finest there is."
    )


def downsample(learners) -> None:
    """Exercise 4: `Downsample` keeps the contracts, and with the weights of our module it gives the same."""
    look = "“The resizing module”: follow the drawing from left to right, both branches, and add."
    features = np.random.default_rng(2).normal(size=(1, 16, 24, CHANNELS)).astype("float32")
    module = learners(CHANNELS)
    component(module, "Downsample", features, look)
    ours = DownsampleStep(CHANNELS)
    weights = ours.get_weights()
    if [values.shape for values in weights] != [values.shape for values in module.get_weights()]:
        wrong("Downsample has other layers than the skeleton, or in another order.", look=look)
    module.set_weights(weights)
    got, right = (np.asarray(one(features)) for one in (module, ours))
    what = "Downsample(8)(features) with given weights"
    compare(what, got, right, _order_mistakes(features, weights), look, relative=1e-4)
    passed(
        "Downsample: it keeps all its contracts. No false pattern passes, and nothing but the blur resizes."
    )


def _order_mistakes(features: np.ndarray, weights: list[np.ndarray]) -> list[Mistake]:
    """Mistakes that no contract sees from outside, since they only show in the 3×3 convolution."""
    enter, _, middle, _, widen, shortcut = weights
    small = our_blur_halve(features)

    def filtered(values):
        return prelu(convolution(prelu(convolution(values, enter), SLOPE), middle), SLOPE)

    beside = convolution(small, shortcut)
    return [
        Mistake(
            "the picture was made smaller before the main branch: its 3×3 convolution works on the large one.",
            convolution(filtered(small), widen) + beside,
        ),
        Mistake(
            "the first PReLU comes before its convolution.",
            convolution(
                our_blur_halve(
                    prelu(convolution(convolution(prelu(features, SLOPE), enter), middle), SLOPE)
                ),
                widen,
            )
            + beside,
        ),
    ]


def reach(function) -> None:
    """Exercise 5: `reach(layers)`, the size of the theoretical receptive field."""
    look = "“How far can a pixel see?”: a layer adds (k − 1) · step; then its stride multiplies the step."
    cases = [
        [(3, 1)],
        [(3, 1), (3, 1), (5, 1)],
        [(3, 2), (3, 1)],
        [(3, 1), (3, 2), (5, 1), (3, 2), (3, 1)],
        [],
    ]
    for layers in cases:
        got = call(function, list(layers))
        mistakes = [Mistake(text, rule(layers)) for text, rule in _REACH_MISTAKES]
        compare(f"reach({layers})", got, _reach(layers), mistakes, look)
    passed(
        "reach: every halving doubles what all later kernels add. That is why stream 3 sees so far."
    )


def _reach(
    layers, start: int = 1, stride_first: bool = False, strides: bool = True, less: int = 1
) -> int:
    """The size of the field, or what comes of a mistake in it."""
    size, step = start, 1
    for kernel, stride in layers:
        step *= stride if stride_first else 1
        size += (kernel - less) * (step if strides else 1)
        step *= 1 if stride_first else stride
    return size


_REACH_MISTAKES = [
    (
        "the strides are forgotten: behind a stride of 2, neighbours are two pixels of the photo apart.",
        lambda layers: _reach(layers, strides=False),
    ),
    (
        "the stride counts for its own layer already: a layer's kernel sees the step of its *input*.",
        lambda layers: _reach(layers, stride_first=True),
    ),
    (
        "whole kernels are added: a kernel of 3 reaches one pixel to each side, so it adds 3 − 1.",
        lambda layers: _reach(layers, less=0),
    ),
    (
        "whole kernels are added: a kernel of 3 reaches one pixel to each side, so it adds 3 − 1.",
        lambda layers: _reach(layers, start=0, less=0),
    ),
    (
        "it begins with 0: without any layer a pixel sees one pixel, itself.",
        lambda layers: _reach(layers, start=0),
    ),
    (
        "kernel sizes are multiplied: two kernels of 3 see 5 pixels, not 9.",
        lambda layers: int(np.prod([kernel for kernel, _ in layers], initial=1)),
    ),
]
