"""Contract checks of a component: on what was computed on the photo, and on synthetic inputs."""

import re

import streamlit as st

from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo, sample_names
from explain.app.compute.runner import (
    Setup,
    configuration,
    engine,
    hook_names,
    is_outside,
    network,
    sample,
    tensors,
    undisturbed,
)
from explain.tracing.sites import hooks_below
from model.contracts import Call, call_at, check_all

__all__ = ["Row", "probed", "verdicts"]

Row = tuple[str, str, bool, str]
"""Title, promise, whether it holds, and what was measured."""

JOINT = re.compile(r"in|out|conv|body|descriptor|squeezed|logits|weights|stream_\d")
SIDE, FEATURES = 64, 16  # pixels, and those of the features at full resolution; probes take some sixteen of them


@kept_of_photos(500)
def verdicts(setup: Setup, _photo: Photo, key: str, site: str) -> list[Row]:
    """The checks of what the network computed on a photo.

    `key` is the photo's fingerprint, by which earlier results are found.
    """
    names = hooks_below(hook_names(setup), site)
    is_part = site.count("/") > 1
    if not is_part:  # without what the parts of a block do inside
        names = [
            name for name in names if is_outside(name) or ("/mrb_" in site and _is_joint(name.removeprefix(f"{site}/")))
        ]
    with undisturbed():  # not kept of a block: its joints take 200 MB, its verdicts a line each
        cache = tensors(setup, _photo, names, keep=is_part)
        return _rows(call_at(network(setup)[0], cache, site), probes=False)


@st.cache_data(max_entries=500, show_spinner=False)
def probed(setup: Setup, site: str) -> list[Row]:
    """The checks that run the component again, on small synthetic inputs.

    They do not depend on the photo on the page: the inputs are made from the middle of the first sample.
    """
    pixels, config = sample(setup, sample_names()[0]).pixels, configuration(setup)
    wanted = max(SIDE, FEATURES * config.stem)
    rows, columns = (min(-(-wanted // config.multiple) * config.multiple, length) for length in pixels.shape[:2])
    top, left = (pixels.shape[0] - rows) // 2, (pixels.shape[1] - columns) // 2
    picture = pixels[None, top : top + rows, left : left + columns].astype("float32") / 255
    with undisturbed():
        cache = engine(setup).run(hooks_below(hook_names(setup), site), {"input": picture})
    # The small runs that follow take seconds for a whole network, and others need not wait for them.
    return _rows(call_at(network(setup)[0], cache, site), looks=False)


def _rows(call: Call, **which: bool) -> list[Row]:
    checked = check_all(call, **which)
    return [(contract.title, contract.promise, verdict.holds, verdict.message) for contract, verdict in checked]


def _is_joint(name: str) -> bool:
    """Where the parts of a block meet: their inputs and outputs."""
    parts = name.split("/")
    if len(parts) == 1:
        return True
    if len(parts) == 3:
        return bool(JOINT.fullmatch(parts[2]))
    # Downsampling is shared between the columns and the exchange: a check of the block looks inside.
    return len(parts) > 3 and parts[1].startswith("down_") and parts[3] in ("in", "features")
