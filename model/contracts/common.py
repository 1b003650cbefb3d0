"""Contracts that every component has, whatever it computes."""

from collections.abc import Callable

import numpy as np

from model.contracts.compare import compare
from model.contracts.counts import weights_of_call
from model.contracts.probes import multiple, small
from model.contracts.promise import Call, Promises, Verdict, in_short
from model.hooks import visiting

__all__ = ["common_promises"]

Shape = Callable[[tuple[int, ...], Call], tuple[int, ...]]
"""From the shape of the input to the shape that the output must have."""

OURS = "not in the paper: a property of a good layer"


def common_promises(
    promises: Promises,
    weights: str,
    *,
    says: str = "The result has the shape of the input.",
    shape: Shape = lambda shape, call: shape,
) -> None:
    """Adds the contracts that every component has.

    Args:
        promises: The component's.
        weights: Text on its parameters.
        says: Text on the rule for its shape.
        shape: That rule as a function.
    """
    promises.promise("shape", says=says)(_shape(shape))
    promises.promise("finite numbers", section=OURS)(finite)
    promises.promise("number of parameters", says=f"It learns {weights}, and nothing else.", layers=("weights",))(count)
    promises.promise(
        "any size",
        probes=True,
        says="It takes other pictures, of any allowed size and number, with the same parameters.",
    )(_any_size(shape))
    promises.promise("pictures apart", section=OURS, probes=True)(pictures_apart)
    promises.promise("recording changes nothing", section=OURS, probes=True)(recording_changes_nothing)
    promises.promise("saved whole", section=OURS, layers=("weights",), overrides=("get_config",), probes=True)(
        saved_whole
    )


def _shape(rule: Shape) -> Callable[[Call], Verdict]:
    def check(call: Call) -> Verdict:
        return _has_shape(call, call.features.shape, call.output.shape, rule)

    return check


def _has_shape(call: Call, given: tuple[int, ...], got: tuple[int, ...], rule: Shape) -> Verdict:
    due = rule(given, call)
    if got == due:
        return Verdict(True, f"{given} gives {got}")
    hint = ""
    if len(got) == len(due) and got[:3] == (due[0], 1, 1) and due[1:3] != (1, 1):
        hint = ": is this the gate itself, or its descriptor, and not yet the features times the gate?"
    elif len(got) == len(due) and got[1:3] == (due[1] + 1, due[2] + 1):
        hint = ": a transposed convolution is one row and one column too large, cut off its first row and column"
    elif len(got) == len(due) and got[:3] == due[:3]:
        hint = f": the channels are {got[3]} and should be {due[3]}"
    elif len(got) == len(due) and (got[1] < due[1] or got[2] < due[2]):
        hint = ': does a convolution without padding="same" eat up the border?'
    return Verdict(False, f"{given} gives {got}, not {due}{hint}")


def finite(call: Call) -> Verdict:
    """From finite numbers it computes finite numbers."""
    bad = ~np.isfinite(call.output.astype("float32"))
    if not bad.any():
        return Verdict(True, "all numbers are finite", 0.0)
    if not all(np.isfinite(values.astype("float32")).all() for values in call.inputs):
        return Verdict(True, "the input is not finite itself")
    return Verdict(
        False,
        f"{bad.sum()} of {bad.size} numbers are NaN or infinite: is something divided by zero, or too large?",
        float(bad.sum()),
    )


def count(call: Call) -> Verdict:
    """The number of learned parameters is that of the paper's architecture."""
    unique = {id(weight): weight for weight in call.component.weights}
    have, due = sum(int(np.prod(weight.shape)) for weight in unique.values()), weights_of_call(call)
    if have == due:
        return Verdict(True, f"{have:,} parameters", have)
    biases = sum(int(np.prod(weight.shape)) for weight in unique.values() if weight.name == "bias")
    slopes = sum(int(np.prod(weight.shape)) - 1 for weight in unique.values() if weight.name == "alpha")
    hint = "is a layer separate that should be shared, or a kernel too large?"
    if have < due:
        hint = "is a layer missing, or a kernel too small (1×1 for 5×5)?"
        if due - have <= 2:
            hint = "is a ReLU (which learns nothing) in the place of a PReLU, or a slope missing?"
    if biases and have - biases == due:
        hint = "MIRNet's convolutions have no bias, use_bias=False"
    if slopes and have - slopes == due:
        hint = "one slope per PReLU, shared_axes=[1, 2, 3], not one per channel"
    difference = f"{abs(have - due):,} too {'many' if have > due else 'few'}"
    return Verdict(False, f"{have:,} parameters instead of {due:,}, {difference}: {hint}", have)


def _any_size(rule: Shape) -> Callable[[Call], Verdict]:
    def check(call: Call) -> Verdict:
        channels = call.features.shape[-1]
        rng = np.random.default_rng(0)
        side = -(-8 // multiple(call)) * multiple(call)
        for size in ((1, side, 2 * side, channels), (2, 2 * side, side, channels)):
            inputs = [rng.uniform(size=size).astype("float32") for _ in call.inputs]
            try:
                result = call.run(*inputs)
            except Exception as error:  # whatever a learner's component raises, it refuses this size
                return Verdict(False, f"it refuses the shape {size}: {in_short(error)}")
            verdict = _has_shape(call, size, result.shape, rule)
            if not verdict.holds:
                return verdict
        return Verdict(True, f"1 picture of {side}×{2 * side} and 2 of {2 * side}×{side} pass")

    return check


def pictures_apart(call: Call) -> Verdict:
    """The pictures of a batch do not influence each other."""
    first = small(call)
    second = [values[:, ::-1, ::-1] * 0.5 + 0.25 for values in first]
    together = call.run(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))
    alone = np.concatenate([call.run(*first), call.run(*second)])
    hint = "a picture's result depends on the others in the batch: does a mean or a softmax run over axis 0?"
    return compare("the result of two pictures", together, alone).hinting(hint)


def recording_changes_nothing(call: Call) -> Verdict:
    """The result with hook points recorded equals the result without, bit for bit."""
    inputs = small(call)
    seen: list[str] = []

    def note(name, tensor):
        seen.append(name)
        return tensor

    plain = call.run(*inputs)
    with visiting(note):
        recorded = call.run(*inputs)
    if np.array_equal(plain, recorded):
        return Verdict(True, f"{len(seen)} hook points seen, every bit the same", 0.0)
    difference = float(np.abs(plain.astype("float64") - recorded).max())
    return Verdict(
        False,
        f"recording {len(seen)} hook points moves the result by up to {difference:.2g}: "
        "a hook point must return the tensor that it was given, not a rounded or changed copy",
        difference,
    )


def saved_whole(call: Call) -> Verdict:
    """Built again from its configuration and its saved parameters, it gives the same result."""
    component, inputs = call.component, small(call)
    try:
        copy = type(component).from_config(component.get_config())
    except Exception as error:  # learners' components fail here in many ways
        return Verdict(False, f"it cannot be built again from get_config(): {in_short(error)}")
    copy_call = Call(call.kind, copy, call.inputs, call.output)
    copy_call.run(*inputs)  # layers that wait for a first call get their weights now
    ours, theirs = component.get_weights(), copy.get_weights()
    if [values.shape for values in ours] != [values.shape for values in theirs]:
        return Verdict(False, f"built again from get_config() it has {len(theirs)} weights, not {len(ours)}")
    copy.set_weights(ours)
    return compare("the result of the saved copy", copy_call.run(*inputs), call.run(*inputs)).hinting(
        "something that it computes with is not saved: is every layer an attribute (or in a list or dictionary "
        "that is one), every number in get_config, every learned value a weight?"
    )
