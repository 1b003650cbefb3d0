"""Contracts of the residual downsampling module: no aliasing, and a shortcut beside the convolutions."""

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare_locally, every
from model.contracts.components.resizing import (
    chain_of_steps,
    every_step,
    factor_of,
    resizes_alone,
    resizing_promises,
    size_comes_back,
)
from model.contracts.formulas import blur_halve, convolution, prelu, relu
from model.contracts.probes import only_centres, run_with_weights, slopes_one, without_main_branch
from model.contracts.promise import Call, Promises, Verdict, for_paper, learned, slope, small_number

__all__ = ["PROMISES"]

PROMISES = Promises("Downsample", 'section 3.1, "Residual resizing modules"')


def _smaller(shape, call: Call):
    batch, height, width, channels = shape
    factor = factor_of(call)
    return (batch, -(-height // factor), -(-width // factor), channels * factor)


common_promises(
    PROMISES,
    "for each step by 2: two 1×1 convolutions, a 3×3 and two PReLU slopes, and a 1×1 on the shortcut",
    says="Height and width are divided by the factor, the channels are multiplied by it.",
    shape=_smaller,
)
chain_of_steps(PROMISES)


@PROMISES.promise(
    "features",
    hooks=("step_1/in", "step_1/features"),
    layers=(
        "steps.0.enter.kernel",
        "steps.0.enter_activation.alpha",
        "steps.0.filter.kernel",
        "steps.0.filter_activation.alpha",
    ),
)
def features(call: Call) -> Verdict:
    """The features are PReLU of a 3×3 convolution of PReLU of a 1×1 convolution, still at full size."""

    def check(name: str, step) -> Verdict:
        enter, middle = learned(step.enter.kernel), learned(step.filter.kernel)
        slopes = slope(step, step.enter_activation), slope(step, step.filter_activation)

        def filtered(x):
            return convolution(prelu(convolution(x, enter), slopes[0]), middle)

        mistakes = [
            Mistake("this is ReLU, not PReLU", lambda x: relu(convolution(relu(convolution(x, enter)), middle))),
            Mistake("the second PReLU is missing", filtered),
        ]
        formula = lambda x: prelu(filtered(x), slopes[1])  # noqa: E731
        return compare_locally(call, f"{name}/features", f"{name}/in", formula, mistakes, reach=1)

    return every_step(call, check)


@PROMISES.promise(
    "blur, then every second pixel",
    section="https://arxiv.org/abs/1904.11486",
    hooks=("step_1/features", "step_1/resized"),
)
def blurred(call: Call) -> Verdict:
    """The smaller picture is the blurred one, taken at every second row and column, mirrored at the border."""

    def check(name: str, _) -> Verdict:
        hook, source = f"{name}/resized", f"{name}/features"
        return compare_locally(call, hook, source, blur_halve, _BLUR_MISTAKES, reach=1, ratio=0.5)

    return every_step(call, check)


def _pooled(over):
    """Non-overlapping 2×2 pooling."""

    def pool(x):
        batch, height, width, channels = x.shape
        tiles = x[:, : height // 2 * 2, : width // 2 * 2].reshape(batch, height // 2, 2, width // 2, 2, channels)
        return over(tiles, axis=(2, 4))

    return pool


_BLUR_MISTAKES = [
    Mistake(
        "the border is filled with zeros; it should be mirrored about the last pixel",
        lambda x: blur_halve(x, "constant"),
    ),
    Mistake("the border repeats its last pixel; it should be mirrored about it", lambda x: blur_halve(x, "edge")),
    Mistake("this is max pooling; it should be a blur", _pooled(np.max)),
    Mistake(
        "this is 2×2 average pooling, half a pixel off; the blur is [1, 2, 1] around every second pixel",
        _pooled(np.mean),
    ),
    Mistake("there is no blur, every second pixel is taken as it is (aliasing)", lambda x: x[:, ::2, ::2]),
    Mistake("it is one pixel off: value (i, j) belongs to input (2i, 2j)", lambda x: blur_halve(x[:, 1:, 1:])),
]


resizing_promises(PROMISES, "blurred", resize=blur_halve, mistakes=_BLUR_MISTAKES, widen="widen", ratio=0.5)


@PROMISES.promise("only a blur resizes", probes=True, layers=("trainable_variables", "stateless_call"), when=for_paper)
def only_blur(call: Call) -> Verdict:
    """With each pixel convolved alone, all that happens to a pattern in one channel is the blur, in both branches."""
    beside = "the shortcut (3×3 kernels zero)", without_main_branch
    both = "the result (of the 3×3 kernels only the centre, slopes 1)", only_centres
    return every(resizes_alone(call, *case, blur_halve, _BLUR_MISTAKES) for case in (beside, both))


@PROMISES.promise("no false patterns", probes=True, layers=("trainable_variables", "stateless_call"), when=for_paper)
def no_aliasing(call: Call) -> Verdict:
    """With PReLU's slopes at 1, the finest checkerboard vanishes: a smaller picture cannot show it."""
    side = 16 * factor_of(call)
    rows, columns = np.indices((side, side))
    board = ((-1.0) ** (rows + columns))[None, :, :, None] * np.ones(call.features.shape[-1])
    result = run_with_weights(call, slopes_one, board.astype("float32"))[:, 4:-4, 4:-4]
    flat = run_with_weights(call, slopes_one, np.ones_like(board, "float32"))[:, 4:-4, 4:-4]
    left, scale = float(np.abs(result).max()), float(np.abs(flat).max())
    if left <= 1e-4 * scale:
        return Verdict(True, f"of a checkerboard {small_number(left)} is left, of an even picture {scale:.2g}", left)
    hint = "is it blurred before every second pixel is taken, in both branches?"
    return Verdict(False, f"a checkerboard becomes a pattern of {left:.2g}, it should vanish: {hint}", left)


size_comes_back(PROMISES)
