"""Call, Contract and Verdict: one call of a component, what must hold for it, and what a check found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = [
    "Call",
    "Contract",
    "Promises",
    "Verdict",
    "always",
    "for_board",
    "for_paper",
    "in_short",
    "learned",
    "numbers",
    "slope",
    "small_number",
]

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def always(component: Any) -> bool:
    """True, for any component."""
    return True


def for_board(component: Any) -> bool:
    """Whether a component is made in the board's style (see `model.config.STYLES`)."""
    return getattr(component, "style", "paper") == "board"


def for_paper(component: Any) -> bool:
    """Whether a component is made as in the paper, as a learner's is meant to be."""
    return not for_board(component)


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        holds: Whether the contract holds.
        message: What was measured; if the contract is broken, what is wrong, where, and which mistake it looks like.
        measured: The number that decided, if there is one.
    """

    holds: bool
    message: str
    measured: float | None = None

    def __bool__(self) -> bool:
        return self.holds

    def hinting(self, hint: str) -> "Verdict":
        """The same; if the contract is broken, with the mistake that it looks like."""
        return self if self.holds else Verdict(False, f"{self.message}: {hint}", self.measured)


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a component, as it was recorded.

    Attributes:
        kind: Whose contracts apply to it, such as `"SKFF"`.
        component: The component, to read its weights and to run it again.
        inputs: Its inputs, (batch, height, width, channels); more than one array for SKFF.
        output: Its output, an array.
        cache: The tensors at its hook points, by their name relative to the component. Empty for a component
            without hook points.
        site: Where in a network the call happened, such as `"rrg_1/mrb_1/merge/skff"`; empty for a component alone.
    """

    kind: str
    component: Any
    inputs: tuple[np.ndarray, ...]
    output: np.ndarray
    cache: Mapping[str, np.ndarray] = field(default_factory=dict)
    site: str = ""

    def __getitem__(self, hook: str) -> np.ndarray:
        return self.cache[hook]

    @property
    def features(self) -> np.ndarray:
        """The first (and mostly the only) input."""
        return self.inputs[0]

    def run(self, *inputs: np.ndarray) -> np.ndarray:
        """Runs the component again, on other inputs."""
        return numbers(self.component(self.packed(inputs)))

    def packed(self, inputs):
        """Tensors in the form in which the component takes them: a list for several, itself for one."""
        tensors = [ops.convert_to_tensor(values) for values in inputs]
        return tensors if len(self.inputs) > 1 else tensors[0]


@dataclass(frozen=True)
class Contract:
    """One property of a component that must hold for every call.

    Attributes:
        component: Whose contract it is, such as `"SKFF"`.
        title: Two or three words; unique within the component.
        promise: The property in one sentence, for students.
        section: Where the paper says so.
        check: Tests a call.
        hooks: The hook points that the check reads; without them it cannot be made.
        layers: The parts of the component that the check reads weights from, such as `"steps.0.enter"`.
        overrides: Methods that the component's class must define itself, not take over from `keras.Layer`.
        probes: Whether the component is run again, on small inputs made for the purpose. The other checks only read
            what was recorded.
        when: Which components have the contract: those made as in the paper, for example, or with a stem.
    """

    component: str
    title: str
    promise: str
    section: str
    check: Callable[[Call], Verdict]
    hooks: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    probes: bool = False
    when: Callable[[Any], bool] = always

    def missing(self, call: Call) -> tuple[str, ...]:
        """The hook points and parts that this component lacks for the check; empty if it can be made."""
        if not self.when(call.component):
            return ("what the contract is about",)
        hooks = tuple(f"hook point {name}" for name in self.hooks if name not in call.cache)
        needed = (path for path in self.layers if not (for_board(call.component) and path.endswith(".alpha")))
        layers = tuple(f"layer {path}" for path in needed if _part(call.component, path) is None)
        inherited = tuple(
            f"a {name} of its own"
            for name in self.overrides
            if getattr(type(call.component), name, None) in (None, getattr(keras.layers.Layer, name))
        )
        return hooks + layers + inherited

    def verdict(self, call: Call) -> Verdict:
        """Makes the check. An error inside a component that is run again is a broken contract, not a crash."""
        try:
            return self.check(call)
        except Exception as error:  # a learner's component may do anything
            return Verdict(False, f"it stops with {in_short(error)}")


class Promises:
    """Collects the contracts of one component, in the order in which they are written down.

    Args:
        component: Whose contracts they are.
        section: Where the paper says so, unless a contract has its own section.

    Examples:
        >>> skff = Promises("SKFF", "section 3.1")
        >>> @skff.promise("weights sum to 1", hooks=("weights",))
        ... def sum_to_one(call):
        ...     "For each channel, the weights of the streams add up to 1."
        ...     return Verdict(abs(call["weights"].sum(1) - 1).max() < 1e-5, "...")
    """

    def __init__(self, component: str, section: str):
        self.component, self.section = component, section
        self.contracts: list[Contract] = []

    def promise(
        self, title: str, *, section: str | None = None, says: str | None = None, **conditions: Any
    ) -> Callable[[Callable[[Call], Verdict]], Callable[[Call], Verdict]]:
        """Makes the function below it the check of a contract; its docstring (or `says`) is the text.

        Args:
            title: As in `Contract`.
            section: As in `Contract`; by default that of the component.
            says: The text, where it is not the same for every component that the function checks.
            **conditions: `hooks`, `layers`, `overrides`, `probes` and `when` of `Contract`.
        """

        def keep(check):
            promise = says or (check.__doc__ or title).strip()
            self.contracts.append(
                Contract(self.component, title, promise, section or self.section, check, **conditions)
            )
            return check

        return keep


def in_short(error: Exception) -> str:
    """The type and message of an error in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}{'...' * (len(text) > 300)}"


def small_number(number: float) -> str:
    """`2·10⁻⁵`, two digits; from a hundredth on `0.02`."""
    if number == 0 or number >= 0.01:
        return f"{number:.2g}"
    digits, power = f"{number:.1e}".split("e")
    return f"{digits.removesuffix('.0')}·10{str(int(power)).translate(RAISED)}"


def numbers(tensor) -> np.ndarray:
    """A tensor of any backend as a NumPy array."""
    return np.asarray(ops.convert_to_numpy(tensor))


def learned(variable) -> np.ndarray:
    """The values of a weight, in float64: a kernel as it is, a single slope as a plain number."""
    values = numbers(variable).astype("float64")
    return values.ravel()[0] if values.size == 1 and values.ndim < 4 else values


def slope(component, activation) -> float:
    """The slope of an activation below 0: what a PReLU has learned, or 0 for the ReLU of the board's style."""
    return 0.0 if for_board(component) else float(learned(activation.alpha))


def _part(component, path: str):
    for name in path.split("."):
        if not name.isdigit():
            component = getattr(component, name, None)
        elif isinstance(component, list | tuple) and int(name) < len(component):
            component = component[int(name)]
        else:
            return None
    return component
