"""Runs the network with parts switched off, for the page: from the first block on that is changed."""

from collections.abc import Sequence

import numpy as np

from explain.analysis.ablation import GATES, Ablation, Effect, choose
from explain.analysis.ablation.gate_values import MEAN, gate_values
from explain.analysis.ablation.run_ablated import compared, run_without
from explain.app.compute.photos import Photo, sample_names, sample_photo
from explain.app.compute.runner import Cache, Setup, configuration, engine, outline, remembered, tensors
from explain.app.widgets.python_lines import opening

__all__ = ["code", "effect_of"]


def effect_of(setup: Setup, photo: Photo, keys: Sequence[str], gates: str = MEAN) -> Effect:
    """What switching parts off does to a photo, all of these ablations at once; `gates` is one of `GATES`."""
    chosen = choose(configuration(setup), keys)
    intact = tensors(setup, photo, ["output"])["output"][0]
    output = _output(setup, photo, chosen, gates) if chosen else intact
    return compared(chosen, output, intact, photo.reference)


def _output(setup: Setup, photo: Photo, chosen: tuple[Ablation, ...], gates: str) -> np.ndarray:
    """(height, width, 3) float32, not clipped; nobody may write to it."""

    def compute() -> Cache:
        known = outline(setup, photo)
        values = _gate_values(setup, photo, known, gates) if any(one.replaces_gates for one in chosen) else {}
        output = run_without(engine(setup), chosen, _intact(known, chosen), values)[0]
        output.flags.writeable = False
        return {"output": output}

    return remembered(("ablated", setup, photo.key, chosen, gates), compute)["output"]


def _gate_values(setup: Setup, photo: Photo, known: Cache, gates: str) -> Cache:
    def compute() -> Cache:
        others = _others(setup, photo) if GATES[gates].needs_photos else []
        return gate_values(engine(setup), known["input"], gates, others)

    return remembered(("gate values", setup, photo.key, gates), compute)


def _others(setup: Setup, photo: Photo) -> list[np.ndarray]:
    """The other samples."""
    samples = (sample_photo(name, configuration(setup).multiple).pixels for name in sample_names())
    return [pixels for pixels in samples if not np.array_equal(pixels, photo.pixels)]


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
        others = [
            "from model.samples import SAMPLES, load_sample",
            f'others = [load_sample(sample.name)[0] for sample in SAMPLES if sample.name != "{photo}"]',
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
