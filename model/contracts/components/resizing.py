"""Contracts of both resizing modules: a chain of steps, each two branches that are added."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from model.contracts.compare import Mistake, compare, compare_locally, every
from model.contracts.connections import wired
from model.contracts.formulas import convolution
from model.contracts.probes import run_with_weights, slopes_one, small
from model.contracts.promise import Call, Promises, Verdict, always, for_paper, learned

__all__ = ["chain_of_steps", "every_step", "factor_of", "resizes_alone", "resizing_promises", "size_comes_back"]

Resize = Callable[[np.ndarray], np.ndarray]


def step_names(call: Call) -> list[str]:
    """`step_1`, `step_2`, ... as many as were recorded."""
    return sorted({name.split("/")[0] for name in call.cache if name.startswith("step_")})


def every_step(call: Call, check: Callable[[str, Any], Verdict]) -> Verdict:
    """The verdict of a check of each step, which is given the step's name and the step itself."""
    return every(check(*pair) for pair in zip(step_names(call), call.component.steps, strict=True))


def factor_of(call: Call) -> int:
    """The factor by which the module resizes: 2, 4 or 8."""
    return getattr(call.component, "factor", 2)


def chain_of_steps(promises: Promises) -> None:
    """Adds the contract that a factor of 4 is two steps by 2 in a row."""

    @promises.promise("steps by 2", hooks=("in", "step_1/in", "step_1/out", "out"))
    def _(call: Call) -> Verdict:
        """The module is a chain of steps by 2: each takes the output of the one before."""
        steps = step_names(call)
        expected = int(getattr(call.component, "factor", 2 ** len(steps))).bit_length() - 1
        if len(steps) != expected:
            return Verdict(False, f"there are {len(steps)} steps by 2, and should be {expected}")
        ends = ["in", *(f"{step}/out" for step in steps)]
        starts = [*(f"{step}/in" for step in steps), "out"]
        return wired(call, zip(starts, ends, strict=True))


def resizing_promises(
    promises: Promises,
    resized: str,
    *,
    resize: Resize,
    mistakes: Sequence[Mistake],
    widen: str,
    ratio: float,
    when: Callable[[Any], bool] = always,
) -> None:
    """Adds the contracts of the two branches of each step.

    Args:
        promises: The module's.
        resized: Text: how the shortcut resizes.
        resize: The same as a formula.
        mistakes: The known mistakes in it.
        widen: The name of the step's last convolution on the main branch.
        ratio: New height / old height.
        when: Which components have branches made like this.
    """

    @promises.promise(
        "main branch", hooks=("step_1/resized", "step_1/main"), layers=(f"steps.0.{widen}.kernel",), when=when
    )
    def _(call: Call) -> Verdict:
        """The main branch ends in a 1×1 convolution of the resized features, without an activation."""

        def check(name, step):
            kernel = learned(getattr(step, widen).kernel)
            after = Mistake("a ReLU follows", lambda x: np.maximum(convolution(x, kernel), 0))
            formula = lambda x: convolution(x, kernel)  # noqa: E731
            return compare_locally(call, f"{name}/main", f"{name}/resized", formula, [after])

        return every_step(call, check)

    @promises.promise(
        "shortcut",
        says=f"The shortcut is a 1×1 convolution of the {resized} input.",
        hooks=("step_1/in", "step_1/shortcut"),
        layers=("steps.0.shortcut.kernel",),
        when=when,
    )
    def _(call: Call) -> Verdict:
        def check(name, step):
            kernel = learned(step.shortcut.kernel)

            def after(rule):
                return lambda x: convolution(rule(x), kernel)

            known = [Mistake(mistake.text, after(mistake.result)) for mistake in mistakes]
            hook, source = f"{name}/shortcut", f"{name}/in"
            return compare_locally(call, hook, source, after(resize), known, reach=1, ratio=ratio)

        return every_step(call, check)

    @promises.promise("branches added", hooks=("step_1/main", "step_1/shortcut", "step_1/out"), when=when)
    def _(call: Call) -> Verdict:
        """The result of a step is the sum of its main branch and its shortcut."""

        def check(name, _):
            main, beside = call[f"{name}/main"], call[f"{name}/shortcut"]
            known = [
                Mistake("the shortcut is not added", lambda: main),
                Mistake("only the shortcut is left", lambda: beside),
                Mistake("the shortcut is added twice", lambda: main + 2 * beside),
            ]
            size = float(np.abs(main).max(initial=0))
            return compare(f"{name}/out", call[f"{name}/out"], main + beside, known, size)

        return every_step(call, check)

    @promises.promise("brightness scales", probes=True)
    def _(call: Call) -> Verdict:
        """Twice the input gives twice the output: no convolution has a bias, and PReLU depends on the sign only."""
        x = small(call)[0]
        mistakes = []
        dark = call.run(np.zeros_like(x))
        if np.abs(dark).max() > 0:
            mistakes = [Mistake("black does not stay black, a convolution has a bias", lambda: call.run(2 * x))]
        return compare("the result of twice the input", call.run(2 * x), 2 * call.run(x), mistakes)

    @promises.promise(
        "linear but for PReLU", probes=True, layers=("trainable_variables", "stateless_call"), when=for_paper
    )
    def _(call: Call) -> Verdict:
        """With PReLU's slopes at 1 nothing bends: the result of a sum is the sum of the results."""
        x = small(call)[0]
        y = np.random.default_rng(3).normal(size=x.shape).astype("float32") * max(1e-3, float(np.abs(x).max()))
        both, one, other = (run_with_weights(call, slopes_one, values) for values in (x + y, x, y))
        hint = "is there a maximum (max pooling), a ReLU, or an average of something bent, where a linear step belongs?"
        size = float(np.abs(other).max())
        return compare("the result of a sum", both, one + other, size=size).hinting(hint)


def resizes_alone(call: Call, what: str, weights: Callable, resize: Resize, mistakes: Sequence[Mistake]) -> Verdict:
    """Whether nothing but `resize` happens to a pattern in one channel, with certain weights in the module.

    A 1x1 convolution and a linear resize commute. So the output is the resized pattern, times one number for each
    channel, and these numbers are seen on an even picture. That tells how a component resizes without knowing its
    layers.
    """
    steps = factor_of(call).bit_length() - 1
    pattern = np.random.default_rng(11).uniform(size=(1, 16, 24, 1))
    channel = np.zeros(call.features.shape[-1])
    channel[0] = 1
    found, even = (
        run_with_weights(call, weights, (picture * channel).astype("float32"))
        for picture in (pattern, np.ones_like(pattern))
    )
    shares = even[:, even.shape[1] // 2, even.shape[2] // 2]  # (1, channels)

    def repeated(rule):
        result = pattern
        for _ in range(steps):
            result = rule(result)
        return result * shares

    named = [Mistake(mistake.text, lambda rule=mistake.result: repeated(rule)) for mistake in mistakes]
    return compare(what, found, repeated(resize), named)


def size_comes_back(promises: Promises) -> None:
    """Adds the contract that the two modules undo each other's shape."""

    @promises.promise("size comes back", probes=True)
    def _(call: Call) -> Verdict:
        """Down, then up (or up, then down) by the same factor restores height, width and channels."""
        from model.resizing import Downsample, Upsample

        x = np.zeros((1, 16, 24, call.features.shape[-1]), "float32")
        there = call.run(x)
        factor, channels = factor_of(call), there.shape[-1]
        if call.kind == "Downsample":
            if channels % factor:
                return Verdict(False, f"the output has {channels} channels, no multiple of the factor {factor}")
            back = Upsample(channels, factor)
        else:
            back = Downsample(channels, factor)
        found = Call(promises.component, back, (there,), there).run(there)
        if found.shape == x.shape:
            return Verdict(True, f"{x.shape} becomes {there.shape} and then {x.shape} again")
        return Verdict(False, f"{x.shape} becomes {there.shape} and then {found.shape}, not {x.shape} again")
