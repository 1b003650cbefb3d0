"""Contracts of the residual upsampling module: twice the size without a shift, beside a bilinear shortcut."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare_locally, tolerance
from model.contracts.components.resizing import (
    chain_of_steps,
    every_step,
    factor_of,
    resizes_alone,
    resizing_promises,
    size_comes_back,
)
from model.contracts.formulas import bilinear_double, convolution, prelu, relu, transposed_convolution
from model.contracts.probes import only_centres, run_with_weights, without_main_branch
from model.contracts.promise import Call, Promises, Verdict, for_board, for_paper, learned, small_number

__all__ = ["PROMISES"]

PROMISES = Promises("Upsample", 'section 3.1, "Residual resizing modules"')

BOARD = "not in the paper: the style for a small board"

_ONE_OFF = 'it is one pixel off: cut off the first row and column, not the last (Keras\' padding="same" cuts the last)'


def _larger(shape, call: Call):
    batch, height, width, channels = shape
    factor = factor_of(call)
    return (batch, height * factor, width * factor, channels // factor)


common_promises(
    PROMISES,
    "for each step by 2: two 1×1 convolutions, a transposed 3×3 and two PReLU slopes, and a 1×1 on the shortcut",
    says="Height and width are multiplied by the factor, the channels are divided by it.",
    shape=_larger,
)
chain_of_steps(PROMISES)


@PROMISES.promise(
    "features",
    hooks=("step_1/in", "step_1/features"),
    layers=("steps.0.enter.kernel", "steps.0.enter_activation.alpha"),
    when=for_paper,
)
def features(call: Call) -> Verdict:
    """The features are PReLU of a 1×1 convolution, still at the small size."""

    def check(name: str, step) -> Verdict:
        linear = partial(convolution, kernel=learned(step.enter.kernel))
        return _bent(call, f"{name}/features", f"{name}/in", linear, step.enter_activation)

    return every_step(call, check)


def _bent(
    call: Call, hook: str, source: str, linear: Callable, activation, mistakes: Sequence[Mistake] = (), **window
) -> Verdict:
    """Whether a tensor is PReLU of something linear."""
    slope = learned(activation.alpha)
    known = [
        *mistakes,
        Mistake("this is ReLU, not PReLU", lambda x: relu(linear(x))),
        Mistake("the PReLU is missing", linear),
    ]
    return compare_locally(call, hook, source, lambda x: prelu(linear(x), slope), known, **window)


@PROMISES.promise(
    "transposed convolution in place",
    hooks=("step_1/features", "step_1/resized"),
    layers=("steps.0.enlarge.kernel", "steps.0.enlarge_activation.alpha"),
    when=for_paper,
)
def doubled(call: Call) -> Verdict:
    """The doubled features are PReLU of a transposed 3×3 convolution whose stamps are centred on (2i, 2j)."""

    def check(name: str, step) -> Verdict:
        kernel, slope = learned(step.enlarge.kernel), learned(step.enlarge_activation.alpha)

        def shifted(x):
            # What the first row and column of the full result hold, which the right one cuts off.
            longer = np.pad(x, ((0, 0), (1, 0), (1, 0), (0, 0)))
            return prelu(transposed_convolution(longer, kernel)[:, 1:-1, 1:-1], slope)

        known = [Mistake(_ONE_OFF, shifted), Mistake("the pixels are repeated (nearest neighbour)", _repeated)]
        linear, hook, source = partial(transposed_convolution, kernel=kernel), f"{name}/resized", f"{name}/features"
        return _bent(call, hook, source, linear, step.enlarge_activation, known, reach=1, ratio=2)

    return every_step(call, check)


def _repeated(x: np.ndarray) -> np.ndarray:
    return x.repeat(2, axis=1).repeat(2, axis=2)


def _corners_aligned(x: np.ndarray) -> np.ndarray:
    """Bilinear with the corner pixels of both pictures on top of each other (only right for a whole picture)."""
    for axis in (1, 2):
        size = x.shape[axis]
        at = np.arange(2 * size) * (size - 1) / (2 * size - 1)
        low = np.minimum(at.astype(int), max(size - 2, 0))
        shape = [1, 1, 1, 1]
        shape[axis] = 2 * size
        part = (at - low).reshape(shape)
        x = np.take(x, low, axis) * (1 - part) + np.take(x, np.minimum(low + 1, size - 1), axis) * part
    return x


_BILINEAR_MISTAKES = [
    Mistake("the pixels are repeated (nearest neighbour); it should be bilinear", _repeated),
    Mistake("the corners are aligned (align_corners); pixels are areas, with centres at one half", _corners_aligned),
]


resizing_promises(
    PROMISES,
    "bilinearly enlarged",
    resize=bilinear_double,
    mistakes=_BILINEAR_MISTAKES,
    widen="narrow",
    ratio=2,
    when=for_paper,
)


@PROMISES.promise(
    "features before the resize",
    section=BOARD,
    hooks=("step_1/in", "step_1/features"),
    layers=("steps.0.enter.kernel", "steps.0.filter.kernel"),
    when=for_board,
)
def late_features(call: Call) -> Verdict:
    """In the board's style the features are ReLU of a 3×3 convolution of ReLU of a 1×1 convolution."""

    def check(name: str, step) -> Verdict:
        enter, middle = learned(step.enter.kernel), learned(step.filter.kernel)
        mistakes = [Mistake("the ReLUs are missing", lambda x: convolution(convolution(x, enter), middle))]
        formula = lambda x: relu(convolution(relu(convolution(x, enter)), middle))  # noqa: E731
        return compare_locally(call, f"{name}/features", f"{name}/in", formula, mistakes, reach=1)

    return every_step(call, check)


@PROMISES.promise(
    "reduced, then enlarged",
    section=BOARD,
    hooks=("step_1/in", "step_1/features", "step_1/out"),
    layers=("steps.0.narrow.kernel", "steps.0.shortcut.kernel"),
    when=for_board,
)
def reduced_first(call: Call) -> Verdict:
    """In the board's style both branches are reduced by a 1×1 convolution and added, and the sum is enlarged."""

    def check(name: str, step) -> Verdict:
        narrow, shortcut = learned(step.narrow.kernel), learned(step.shortcut.kernel)

        def enlarged(by):
            return lambda x, features: by(convolution(features, narrow) + convolution(x, shortcut))

        mistakes = [
            *(Mistake(mistake.text, enlarged(mistake.result)) for mistake in _BILINEAR_MISTAKES),
            Mistake("the shortcut is missing", lambda x, features: bilinear_double(convolution(features, narrow))),
        ]
        sources = [f"{name}/in", f"{name}/features"]
        return compare_locally(call, f"{name}/out", sources, enlarged(bilinear_double), mistakes, reach=1, ratio=2)

    return every_step(call, check)


@PROMISES.promise("bilinear shortcut", probes=True, layers=("trainable_variables", "stateless_call"))
def bilinear_shortcut(call: Call) -> Verdict:
    """With its 3×3 kernels zero, all that happens to a pattern in one channel is the shortcut's bilinear resize."""
    what = "the shortcut (3×3 kernels zero)"
    return resizes_alone(call, what, without_main_branch, bilinear_double, _BILINEAR_MISTAKES)


@PROMISES.promise("lands in place", probes=True, layers=("trainable_variables", "stateless_call"), when=for_paper)
def lands_in_place(call: Call) -> Verdict:
    """With only the centre of a 3×3 kernel, the transposed convolution brings pixel (i, j) to (2i, 2j) alone."""
    if factor_of(call) != 2:
        return Verdict(True, "tested with a factor of 2, where there is one step")
    x = np.random.default_rng(2).uniform(0.5, 1, (1, 8, 8, call.features.shape[-1])).astype("float32")
    main = run_with_weights(call, only_centres, x) - run_with_weights(call, without_main_branch, x)
    total = float(np.abs(main).max())
    at = {(i, j): float(np.abs(main[:, i::2, j::2]).max()) for i in (0, 1) for j in (0, 1)}
    astray = max(amount for offset, amount in at.items() if offset != (0, 0))
    if astray <= tolerance(str(main.dtype)) * max(total, 1.0):
        return Verdict(True, f"astray is at most {small_number(astray)} of {total:.2g}", astray)
    hint = "does something else enlarge the features, or smear them?"
    if at[1, 1] == total and at[0, 0] < total / 100:
        hint = _ONE_OFF
    return Verdict(False, f"pixel (i, j) does not come to (2i, 2j) alone: {hint}", astray)


size_comes_back(PROMISES)
