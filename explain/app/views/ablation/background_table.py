"""What every part is worth: from a file for `desk`, measured in the background for other networks, photo by photo.

`explain.app.warm_up` takes the steps, each one ablation on one photo, whenever nobody waits for a page. The table is
there as soon as the first photo is done, and grows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from explain.analysis.ablation import ablations
from explain.app.compute.photos import sample_names
from explain.app.compute.runner import Setup, configuration, facts_about, photo_limits, sample, undisturbed
from explain.app.data.shipped_ablations import Change, Measured, change_of, shipped_measurements
from explain.app.views.ablation.switched_run import effect_now

__all__ = ["TableProgress", "ablation_steps", "progress", "table_of"]


@dataclass(frozen=True)
class TableProgress:
    """How far the first photo is: ablations that are measured, of how many."""

    done: int
    total: int


@dataclass
class _Bench:
    """What is measured so far: photo to ablation to what it does to this photo."""

    changes: dict[str, dict[str, Change]] = field(default_factory=dict)


@st.cache_resource(max_entries=2, show_spinner=False)
def _bench(setup: Setup) -> _Bench:
    return _Bench()


def table_of(setup: Setup) -> Measured | None:
    """The table of a network on the photos that are done; None where there is none (yet)."""
    known = facts_about(setup)
    if setup.softmax != known.config.skff_softmax:
        return None
    if known.shipped is not None and (found := shipped_measurements()).sha256 == known.shipped.sha256:
        return found
    keys, changes = _keys(setup), _bench(setup).changes
    photos = tuple(name for name in sample_names() if len(changes.get(name, ())) == len(keys))
    if not photos:
        return None
    return Measured("", photos, {key: Change.of_all([changes[name][key] for name in photos]) for key in keys})


def progress(setup: Setup) -> TableProgress | None:
    """How far the table is, where it is measured in the background and not there yet; None where nobody does that."""
    if setup.softmax != facts_about(setup).config.skff_softmax or photo_limits(setup).is_heavy:
        return None
    return TableProgress(len(_bench(setup).changes.get(sample_names()[0], ())), len(_keys(setup)))


def ablation_steps(setup: Setup) -> Iterator[Callable[[], object]]:
    """What measures the table of a network that has none."""
    if table_of(setup) is not None or progress(setup) is None:
        return
    for name in sample_names():
        for key in _keys(setup):
            yield partial(_measure, setup, name, key)


def _measure(setup: Setup, name: str, key: str) -> None:
    with undisturbed():
        found = effect_now(setup, sample(setup, name), key)
    _bench(setup).changes.setdefault(name, {})[key] = change_of([found])


def _keys(setup: Setup) -> tuple[str, ...]:
    return tuple(one.key for one in ablations(configuration(setup)))
