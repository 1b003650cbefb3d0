"""Runs the network with parts switched off, for the page: one compiled graph for each network, built once."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from explain.ablate import Effect, Switchboard, choose
from explain.ablate.run import compared
from explain.app.photos import Photo
from explain.app.reproduce import opening
from explain.app.runner import Setup, network, remembered, tensors

__all__ = ["code", "effect_of"]


def effect_of(setup: Setup, photo: Photo, keys: Sequence[str]) -> Effect:
    """What the parts that are switched off had done to a photo.

    The first one builds the graph, some seconds; after that a photo takes a fraction of one.

    Args:
        setup: Which network.
        photo: The photo.
        keys: Of the ablations, all done at once.
    """
    chosen = choose(network(setup)[0].config, keys)
    if not chosen:  # most visitors have been to a page that needed this run
        intact = tensors(setup, photo, ["output"])["output"][0]
        return compared((), intact, intact, photo.reference)
    # Both from the same graph, which rounds in another order than a single run does.
    intact, output = (_output(setup, photo, those) for those in ((), tuple(one.key for one in chosen)))
    return compared(chosen, output, intact, photo.reference)


def _output(setup: Setup, photo: Photo, keys: tuple[str, ...]) -> np.ndarray:
    """(height, width, 3) float32, not clipped; nobody may write to it."""

    def compute():
        output = _board(setup).run(photo.pixels, keys)
        output.flags.writeable = False
        return {"output": output}

    return remembered(("ablated", setup, photo.key, keys), compute)["output"]


@st.cache_resource(max_entries=2, show_spinner=False)
def _board(setup: Setup) -> Switchboard:
    """The network's switchboard; to be run only while nothing else does."""
    return Switchboard(network(setup)[0])


def code(setup: Setup, photo: str, keys: Sequence[str], has_reference: bool) -> str:
    """The lines of Python behind the view; see `explain.app.reproduce.opening`."""
    bright = ", reference" if has_reference else ""
    said = "found.change, found.rms)  # dB that the photo gains, and grey levels that it changes by"
    listed = "".join(f'\n    "{key}",' for key in keys)
    listed = f"[{listed}\n]" if keys else "[]"
    return "\n".join(
        [
            "from explain.ablate import effect",
            opening(setup, photo),
            "",
            f"parts = {listed}",
            f"found = effect(net, photo, parts{bright})",
            f"print({said if has_reference else 'found.rms)  # grey levels that the photo changes by'}",
        ]
    )
