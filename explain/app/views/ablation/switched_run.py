"""Runs the network with parts switched off, for the page: from the first block on that is changed."""

from collections.abc import Sequence

import numpy as np

from explain.analysis.ablation import GATES, Ablation, Effect, choose
from explain.analysis.ablation.gate_values import MEAN, gate_values, is_gate, mean_gates
from explain.analysis.ablation.run_ablated import compared, run_without
from explain.app.compute.photos import Photo
from explain.app.compute.runner import (
    Cache,
    Setup,
    configuration,
    engine,
    outline,
    photo_limits,
    remembered,
    samples,
    tensors,
)
from explain.app.widgets.python_lines import opening, sample_lines

__all__ = ["code", "effect_now", "effect_of"]


def effect_of(setup: Setup, photo: Photo, keys: Sequence[str], gates: str = MEAN) -> Effect:
    """What switching parts off does to a photo, all of these ablations at once; `gates` is one of `GATES`."""
    chosen = choose(configuration(setup), keys)
    intact = tensors(setup, photo, ["output"])["output"][0]
    output = _output(setup, photo, chosen, gates) if chosen else intact
    return compared(chosen, output, intact, photo.reference)


def _output(setup: Setup, photo: Photo, chosen: tuple[Ablation, ...], gates: str) -> np.ndarray:
    """(height, width, 3) float32, not clipped; nobody may write to it."""

    def compute() -> Cache:
        return {"output": _computed(setup, photo, chosen, gates)}

    return remembered(("ablated", setup, photo.key, chosen, gates), compute)["output"]


def effect_now(setup: Setup, photo: Photo, key: str) -> Effect:
    """As `effect_of` with one ablation, computed at once and not remembered; nobody else may run a network then."""
    chosen = choose(configuration(setup), [key])
    intact = tensors(setup, photo, ["output"])["output"][0]
    return compared(chosen, _computed(setup, photo, chosen, MEAN), intact, photo.reference)


def _computed(setup: Setup, photo: Photo, chosen: tuple[Ablation, ...], gates: str) -> np.ndarray:
    known = outline(setup, photo)
    values = _gate_values(setup, photo, known, gates) if any(one.replaces_gates for one in chosen) else {}
    output = run_without(engine(setup), chosen, _intact(known, chosen), values)[0]
    output.flags.writeable = False
    return output


def _gate_values(setup: Setup, photo: Photo, known: Cache, gates: str) -> Cache:
    def compute() -> Cache:
        if gates == MEAN:  # the run on the photo has them
            return mean_gates(engine(setup), {name: gate for name, gate in known.items() if is_gate(name)})
        others = _others(setup, photo) if GATES[gates].needs_photos else []
        return gate_values(engine(setup), known["input"], gates, others)

    return remembered(("gate values", setup, photo.key, gates), compute)


def _others(setup: Setup, photo: Photo) -> list[np.ndarray]:
    """The other samples."""
    return [other.pixels for other in samples(setup) if not np.array_equal(other.pixels, photo.pixels)]


def _intact(known: Cache, chosen: Sequence[Ablation]) -> Cache:
    """What is known of the run on the photo up to the first block or group that is changed."""
    changed = {hook for ablation in chosen for hook in ablation.hooks}
    found: dict[str, np.ndarray] = {}
    for name, array in known.items():  # in the order of execution
        below = name.removesuffix("out")  # the output of a block depends on all that is in it
        if name in changed or (below.endswith("/") and any(hook.startswith(below) for hook in changed)):
            break
        found[name] = array
    return found


def code(setup: Setup, photo: str, keys: Sequence[str], has_reference: bool, gates: str = MEAN) -> str:
    """The lines of Python behind the view; see `explain.app.widgets.python_lines.opening`."""
    bright = ", reference" if has_reference else ""
    said = "found.change, found.rms)  # dB that the photo gains, and grey levels that it changes by"
    listed = "".join(f'\n    "{key}",' for key in keys)
    listed = f"[{listed}\n]" if keys else "[]"
    how = "" if gates == MEAN else f', gates="{gates}"'
    others = []
    if GATES[gates].needs_photos:
        how += ", others=others"
        line, load = sample_lines(photo_limits(setup), "sample.name")
        others = [
            *dict.fromkeys(["from model.samples import SAMPLES", line]),
            f'others = [{load}[0] for sample in SAMPLES if sample.name != "{photo}"]',
        ]
    return "\n".join(
        [
            "from explain.analysis.ablation import effect",
            opening(setup, photo),
            "",
            *others,
            f"parts = {listed}",
            f"found = effect(net, photo, parts{bright}{how})",
            f"print({said if has_reference else 'found.rms)  # grey levels that the photo changes by'}",
        ]
    )
