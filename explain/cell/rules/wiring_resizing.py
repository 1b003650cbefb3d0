"""The rules of the resizing modules; as in `wiring`, each function follows the `call` of its component."""

from operator import add

from explain.cell.book import Page
from explain.cell.rules.activation import Activation
from explain.cell.rules.convolution import Convolution, TransposedConvolution
from explain.cell.rules.copies import Given, Same
from explain.cell.rules.filters import Bilinear, Blur
from explain.cell.rules.sums import Sum
from model.resampling import bilinear_double, blur_halve
from model.resizing import Downsample, LateUpsampleStep, Upsample

__all__ = ["resizing"]

BRANCHES = "the two branches added: the main one, and the shortcut, which has only a resize and a 1×1 convolution"
LETTERS = ("m", "s")


def resizing(page: Page, module: Downsample | Upsample, source: str | None) -> str:
    """Adds the rules of a resizing module, and returns the name of its output.

    Args:
        page: Where.
        module: The module.
        source: Name of the input; None if it is given from outside.
    """
    features = page.add("in", Given(page.name("in")) if source is None else Same(source))
    write = _down if isinstance(module, Downsample) else _late_up if module.style == "board" else _up
    for k, step in enumerate(module.steps, 1):
        features = write(page.below(f"step_{k}"), step, features)
    return page.add("out", Same(features))


def _down(page: Page, step, source: str) -> str:
    start = page.add("in", Same(source))
    features = _filtered(page, step, start)
    resized = page.add("resized", Blur(features))
    main = page.add("main", Convolution(step.widen, (resized,)))
    blurred = page.inner("shortcut#blur", Blur(start), blur_halve, start)
    shortcut = page.add("shortcut", Convolution(step.shortcut, (blurred,)))
    return page.add("out", Sum((main, shortcut), LETTERS, BRANCHES))


def _up(page: Page, step, source: str) -> str:
    start = page.add("in", Same(source))
    entered = page.inner("features#enter", Convolution(step.enter, (start,)), step.enter, start)
    features = page.add("features", Activation(entered, step.enter_activation))
    # As in the component, the first row and column fall off.
    larger = page.inner(
        "resized#enlarge",
        TransposedConvolution(step.enlarge, features),
        lambda features: step.enlarge(features)[:, 1:, 1:, :],
        features,
    )
    resized = page.add("resized", Activation(larger, step.enlarge_activation))
    main = page.add("main", Convolution(step.narrow, (resized,)))
    doubled = page.inner("shortcut#double", Bilinear(start), bilinear_double, start)
    shortcut = page.add("shortcut", Convolution(step.shortcut, (doubled,)))
    return page.add("out", Sum((main, shortcut), LETTERS, BRANCHES))


def _late_up(page: Page, step: LateUpsampleStep, source: str) -> str:
    start = page.add("in", Same(source))
    features = _filtered(page, step, start)
    main = page.add("main", Convolution(step.narrow, (features,)))
    shortcut = page.add("shortcut", Convolution(step.shortcut, (start,)))
    both = page.inner("resized#sum", Sum((main, shortcut), LETTERS, BRANCHES), add, main, shortcut)
    resized = page.add("resized", Bilinear(both))
    return page.add("out", Same(resized))


def _filtered(page: Page, step, start: str) -> str:
    """1x1, activation, 3x3, activation: how a downsampling step begins, and an upsampling step in the board's style."""
    entered = page.inner("features#enter", Convolution(step.enter, (start,)), step.enter, start)
    active = page.inner(
        "features#enter_activation", Activation(entered, step.enter_activation), step.enter_activation, entered
    )
    larger = page.inner("features#filter", Convolution(step.filter, (active,)), step.filter, active)
    return page.add("features", Activation(larger, step.filter_activation))
