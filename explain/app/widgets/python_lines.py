"""The lines of Python that give a view's numbers and figure without the page.

Every page that computes something can start its own lines with `opening`: the network and the photo.
"""

import json
from collections.abc import Sequence

import numpy as np

from explain.app.catalog.choices import Choice, detail_site
from explain.app.compute.photos import LARGEST, MULTIPLE, PhotoLimits, sample_photo
from explain.app.compute.runner import Setup, facts_about, photo_limits
from explain.app.url.state import UPLOAD

__all__ = ["board_opening", "component_code", "cut_sample", "opening", "sample_lines"]

USUAL = PhotoLimits(MULTIPLE, LARGEST)
"""Of the samples as they are."""

OWN_PHOTO = "my-photo.jpg"
"""What the lines call an uploaded photo."""


def opening(setup: Setup, photo: str, imports: Sequence[str] = ()) -> str:
    """The first lines: a network `net`, and a photo `photo` (height, width, 3) uint8, prepared as the page did it.

    Args:
        setup: Which network.
        photo: A sample's name, or `UPLOAD`; of a sample, `reference` is its bright photo.
        imports: More lines `from ... import ...`, of this project.
    """
    ours, network = _network(setup)
    return _lines({*imports, *ours}, network, photo, "net.config.multiple", photo_limits(setup))


def sample_lines(limits: PhotoLimits, name: str) -> tuple[str, str]:
    """How Python gets a sample as the page shows it: a line of import, and an expression of (dark, bright).

    Args:
        limits: Of the network: a large one gets smaller photos.
        name: The sample's name, as an expression.
    """
    if limits == USUAL:
        return "from model.samples import load_sample", f"load_sample({name})"
    return (
        "from explain.app.widgets.python_lines import cut_sample",
        f"cut_sample({name}, {', '.join(map(str, limits))})",
    )


def cut_sample(name: str, multiple: int, largest: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """As `model.samples.load_sample`, with sides that a network takes, see `sample_photo`."""
    found = sample_photo(name, multiple, largest)
    assert found.reference is not None  # every sample has one
    return found.pixels, found.reference


def _network(setup: Setup) -> tuple[set[str], str]:
    """The lines that make it, `net`: those of import, and the others."""
    weights, config = setup.weights, facts_about(setup).config
    named = [json.dumps(name, ensure_ascii=False) for name in (setup.size, weights) if name is not None]
    if setup.softmax == config.skff_softmax:
        given = ", ".join(named) if setup.size is not None else f"weights={named[0]}"
        return {"from model.zoo import load_network"}, f"net, _ = load_network({given})"
    changed = f'.replace(skff_softmax="{setup.softmax}")'
    if weights is None:
        lines = {"from model.zoo import load_network", "from model.config import preset"}
        return lines, f"net, _ = load_network(preset({named[0]}){changed})"
    given = ", ".join(named) if setup.size is not None else f"weights={named[0]}"
    two = [f"config, _ = find_network({given})", f"net, _ = load_network(config{changed}, {named[-1]})"]
    return {"from model.zoo import find_network, load_network"}, "\n".join(two)


def board_opening(photo: str, imports: Sequence[str] = ()) -> str:
    """As `opening`, with the board's model `emulator` instead of a network."""
    ours = {*imports, "from embedded.emulator import Emulator", "from embedded.models.shipped_models import model_file"}
    if photo == UPLOAD:
        ours.add("from model.config import preset")
    return _lines(ours, 'emulator = Emulator(model_file("nano"))', photo, 'preset("desk").multiple', USUAL)


def _lines(imports: set[str], network: str, photo: str, multiple: str, limits: PhotoLimits) -> str:
    if photo != UPLOAD:
        line, load = sample_lines(limits, f'"{photo}"')
        return "\n".join([*sorted({*imports, line}), "", network, f"photo, reference = {load}"])
    largest = f", {limits.largest}" if limits.is_heavy else ""
    return "\n".join(
        [
            "from pathlib import Path\n",
            *sorted({*imports, "from explain.app.compute.photos import own_photo"}),
            "",
            network,
            f'file = Path("{OWN_PHOTO}")  # the photo that you uploaded',
            f"photo = own_photo(file.read_bytes(), file.name, {multiple}{largest}).pixels  # small, as on the page",
        ]
    )


def component_code(
    setup: Setup, photo: str, kind: str, choice: Choice, channel: int | None, theme: str, tensor: str
) -> str:
    """The lines behind a component's page: its tensors in `cache`, one of them in `tensor`, and its figure in a file.

    Args:
        setup: Which network.
        photo: A sample's name, or `UPLOAD`.
        kind: Kind of component.
        choice: Which one.
        channel: Channel of the figure, from 0, or None for the activity of all.
        theme: `light` or `dark`.
        tensor: The hook name of the tensor to pick.
    """
    where = detail_site(kind, choice)
    names = ["FIGURES", "run_with_cache", "save_figure"]
    imports = ["from explain.tracing.sites import hooks_for"]
    arguments = ["cache", f'"{where}"']
    if channel is not None:
        arguments.append(f"channel={channel}")
    if theme == "dark":
        names.insert(0, "DARK")
        arguments.append("theme=DARK")
    if kind == "mirnet" and photo != UPLOAD:
        imports.append("from model.images.arrays import as_float")
        arguments.append("reference=as_float(reference)")
    return f"""\
{opening(setup, photo, [f"from explain import {', '.join(names)}", *imports])}

names = hooks_for(net.hook_names, "{kind}", "{where}")
output, cache = run_with_cache(net, photo, names=names)
tensor = cache["{tensor}"]
print(tensor.shape)  # the first axis is the batch, of one

figure = FIGURES["{kind}"]({", ".join(arguments)})
save_figure(figure, "{kind}.png")"""
