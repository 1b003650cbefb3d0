"""The lines of Python that give a view's numbers and figure without the page.

Every page that computes something can start its own lines with `opening`: the network and the photo.
"""

from collections.abc import Sequence

from explain.app.catalog.choices import Choice, detail_site
from explain.app.compute.runner import Setup
from explain.app.url.state import UPLOAD

__all__ = ["board_opening", "component_code", "opening"]

OWN_PHOTO = "my-photo.jpg"
"""What the lines call an uploaded photo."""


def opening(setup: Setup, photo: str, imports: Sequence[str] = ()) -> str:
    """The first lines: a network `net`, and a photo `photo` (height, width, 3) uint8, prepared as the page did it.

    Args:
        setup: Which network.
        photo: A sample's name, or `UPLOAD`; of a sample, `reference` is its bright photo.
        imports: More lines `from ... import ...`, of this project.
    """
    ours = {*imports, "from model.zoo import load_network"}
    size = f'"{setup.size}"'
    if setup.softmax != "streams":
        ours.add("from model.config import preset")
        size = f'preset({size}).replace(skff_softmax="{setup.softmax}")'
    return _lines(ours, f"net, _ = load_network({size})", photo, "net.config.multiple")


def board_opening(photo: str, imports: Sequence[str] = ()) -> str:
    """As `opening`, with the board's model `emulator` instead of a network."""
    ours = {*imports, "from embedded.emulator import Emulator", "from embedded.models.shipped_models import model_file"}
    if photo == UPLOAD:
        ours.add("from model.config import preset")
    return _lines(ours, 'emulator = Emulator(model_file("nano"))', photo, 'preset("desk").multiple')


def _lines(imports: set[str], network: str, photo: str, multiple: str) -> str:
    if photo != UPLOAD:
        load = f'photo, reference = load_sample("{photo}")'
        return "\n".join([*sorted({*imports, "from model.samples import load_sample"}), "", network, load])
    return "\n".join(
        [
            "from pathlib import Path\n",
            *sorted({*imports, "from explain.app.compute.photos import own_photo"}),
            "",
            network,
            f'file = Path("{OWN_PHOTO}")  # the photo that you uploaded',
            f"photo = own_photo(file.read_bytes(), file.name, {multiple}).pixels  # small, as on the page",
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
