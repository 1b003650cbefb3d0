"""Gets the page ready while nobody looks: the libraries, the network, and its run on the first photo.

Streamlit loads a page when the first visitor comes, who would wait for TensorFlow to be imported and for the network
to be made. `start` does that in the server's own process as soon as it answers. A visitor who comes meanwhile waits
for the same work and does not start it again, since its results are kept in the caches that the pages use.

What only some pages need follows, in steps of a few seconds, whenever nobody is waiting for a page. A class that clicks
all the time is not kept waiting for what one visitor alone may need, or few ask for: those steps are left out.
"""

import gc
import logging
import os
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import product
from typing import Any

from model.errors import MirnetError

__all__ = ["hang_up", "prepare", "start", "warm_up"]

POLL_S = 0.05  # between two checks whether the server runs
CHECK_EVERY_S = 4.0  # between two checks of what has come since the objects were set aside
QUIET_S = 1.0  # without a page being run, then what some pages need is prepared
LONGEST_WAIT_S = 8.0  # for that; then what all visitors share is prepared nevertheless
M_ARENA_MAX = -8  # malloc.h
MANY = 60_000  # objects: looking through them takes a click some 30 ms


def start(ready: Callable[[], object] = lambda: None) -> threading.Thread:
    """Starts the preparation in a thread of its own.

    Args:
        ready: Called as soon as the first visitor need not wait.
    """
    _share_memory()
    # Not a daemon: Python would end one in the middle of TensorFlow, which takes that for a crash.
    thread = threading.Thread(target=_when_ready, args=(ready,), name="warm-up")
    thread.start()
    return thread


def hang_up() -> None:
    """Ends the standard output, for which whoever started this process waits (`explain.cli.serve.wait_until_ready`)."""
    sys.stdout.flush()
    nobody = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nobody, 1)
    os.close(nobody)


def _share_memory() -> None:
    """Has all threads share two memory pools: each of ten visitors' threads would keep what others need."""
    if sys.platform == "linux":
        import ctypes

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it, musl has not
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 2)


def _when_ready(ready: Callable[[], object]) -> None:
    while _goes_on():
        if _server_runs():
            try:
                warm_up(STEPS)
            finally:  # a page that cannot be shown says why
                ready()
            if _goes_on():
                prepare(later_steps())
                prepare(spare_steps(), insist=False)
            _stay_light()
            return
        time.sleep(POLL_S)


def warm_up(steps: Sequence[Callable[[], object]]) -> None:
    """Takes one step after the other, until the server ends."""
    for step in steps:
        if not _goes_on():
            return
        step()


def prepare(steps: Iterable[Callable[[], object]], insist: bool = True) -> None:
    """Takes the steps one by one, each when nobody has been waiting for a page for a moment, photos that came first."""
    for step in steps:
        _prepare_photos()
        _one_by_one((step,), insist)
    _settle()


def _one_by_one(steps: Iterable[Callable[[], object]], insist: bool = True) -> None:
    """Takes steps, each in a quiet moment. Where none comes: takes it nevertheless, or gives up all that are left."""
    from explain.app.compute.activity import is_quiet

    for step in steps:
        latest = time.monotonic() + LONGEST_WAIT_S
        while not is_quiet(QUIET_S) and time.monotonic() < latest and _goes_on():
            time.sleep(POLL_S)
        if not _goes_on() or not (insist or is_quiet(QUIET_S)):
            return
        try:
            step()
        except MirnetError:  # of a black photo, say: its page says it
            continue
        except Exception:  # the page that needs it does it itself, and says what is wrong
            logging.getLogger(__name__).warning("a step of the preparation failed", exc_info=True)


def _goes_on() -> bool:
    """Whether the server is not about to end: Python then waits for this thread."""
    return threading.main_thread().is_alive()


def _server_runs() -> bool:
    # Not imported here: the main thread is doing that.
    exists = getattr(sys.modules.get("streamlit.runtime"), "exists", None)
    return exists is not None and exists()


def _import_pages() -> None:
    import_module("explain.app.views.overview.overview_page")


def _make_network() -> None:
    from explain.app.compute.runner import app_setup, hook_names

    hook_names(app_setup())


def _take_first_photo() -> None:
    from explain.app.catalog.choices import opening, settle
    from explain.app.compute.photos import sample_names
    from explain.app.compute.runner import app_setup, configuration, sample
    from explain.app.map.thumbnails import thumbnails
    from explain.app.widgets.figure_files import before_and_after, picture_url
    from explain.figures import THEMES

    setup = app_setup()
    first = settle("mrb", configuration(setup), opening("mrb"))
    photo = sample(setup, sample_names()[0])
    for title, _, file in before_and_after(setup, photo, photo.key)[:2]:
        picture_url(file, f"{photo.key} {title} {setup}")
    for theme in THEMES:
        thumbnails(setup, photo, photo.key, first.group, first.block, theme)


def _import_more_pages() -> None:
    from explain.app.catalog.topics import TOPICS

    for name in ("component", *TOPICS):
        import_module(f"explain.app.views.{name}.{name}_page")
    import_module("pandas")  # Streamlit's, for the rows of the first chart


def _prepare_streams() -> None:
    """The page of receptive fields would take its first visitor six seconds, all others none."""
    from explain.analysis.receptive import field_of, stages
    from explain.app.compute.block_gradients import backward_of
    from explain.app.compute.runner import app_setup, configuration

    config = configuration(app_setup())
    field_of(config, stages(config)[-1].name, 0, 0)
    backward_of(app_setup())


def later_steps() -> Iterator[Callable[[], object]]:
    """What some pages need and takes more than a moment, in the order in which it is likely to be missed."""
    from explain.app.catalog.choices import Choice
    from explain.app.compute import board_model, part_costs, runner
    from explain.app.views.ablation.background_table import ablation_steps
    from explain.app.views.training.shipped_networks import frame_of

    setup = runner.app_setup()
    photos = runner.samples(setup)
    heavy = runner.photo_limits(setup).is_heavy  # what is left out then takes minutes, or half a gigabyte
    if not heavy:
        for photo in photos:  # a class that comes has all of them on its first pages
            yield partial(runner.outline, setup, photo)
    sizes = list(dict.fromkeys(photo.size for photo in photos))
    for kind, size in product(("mirnet", "rrg", "mrb"), sizes):
        yield partial(part_costs.counted, setup, kind, Choice(), size)
    yield board_model.fitted
    yield partial(board_model.lens, photos[0].for_board)
    if not heavy:
        yield partial(runner.engine, runner.app_setup("channels"))
    yield partial(runner.engine, board_model.FLOAT)
    if not heavy:
        for photo in photos:
            yield partial(frame_of, setup, photo)
        yield from ablation_steps(setup)


def spare_steps() -> Iterator[Callable[[], object]]:
    """What few visitors ask for, and takes long: the checks of large components on made-up inputs."""
    from explain.app.compute import contract_verdicts, runner
    from model.structure import block_sites, group_sites

    setup = runner.app_setup()
    if runner.photo_limits(setup).is_heavy:
        return
    config = runner.configuration(setup)
    for where in (*block_sites(config), *group_sites(config), ""):
        yield partial(contract_verdicts.probed, setup, where)


def photo_steps(setup: Any, photo: Any) -> Iterator[Callable[[], object]]:
    """What pages need of a photo that a visitor has just sent (`explain.app.shell.photo_chooser`), the slowest last.

    Args:
        setup: The network, `explain.app.compute.runner.Setup`.
        photo: The photo, `explain.app.compute.photos.Photo`.
    """
    from explain.analysis.receptive import field_of
    from explain.app.compute import contract_verdicts, runner
    from explain.app.photo_checks import lively_pixel
    from explain.app.views.streams.streams_page import first_stage, seen_by
    from explain.app.views.training.shipped_networks import frame_of, restored

    config, wrong = runner.configuration(setup), replace(setup, softmax="channels")
    pixel = lively_pixel(photo.pixels, photo.key)
    yield partial(restored, setup, photo)
    yield partial(frame_of, setup, photo)
    if runner.photo_limits(setup).is_heavy:
        return
    yield lambda: seen_by(setup, photo, field_of(config, first_stage(config), *pixel), pixel)
    yield partial(runner.outline, wrong, photo)
    for group, block in product(range(1, config.groups + 1), range(1, config.blocks + 1)):
        # Not what is inside the blocks: that would push out other visitors' photos.
        yield partial(contract_verdicts.verdicts, setup, photo, photo.key, f"rrg_{group}/mrb_{block}")


def _settle() -> None:
    """Looks through all objects for garbage, and sets those that stay aside, so that no click pays for them.

    Half a million of them came with TensorFlow and the network. What was set aside before is looked through again,
    since visitors who left are among it.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _prepare_photos() -> None:
    """Prepares what pages need of the photos that came since, and forgets those that nobody looks at."""
    activity = sys.modules.get("explain.app.compute.activity")
    if activity is None:  # nobody has been on the page yet
        return
    while _goes_on() and (found := activity.to_prepare()) is not None:
        _one_by_one(photo_steps(*found), insist=False)
    if "explain.app.compute.kept_photos" in sys.modules:
        from explain.app.compute.kept_photos import kept_photos

        kept_photos().tidy()


def _stay_light() -> None:
    """Sets objects aside again when many new ones are there: pages load what they need, and networks are made."""
    looked = time.monotonic()
    while _goes_on():
        time.sleep(POLL_S)
        _prepare_photos()
        if time.monotonic() - looked < CHECK_EVERY_S:
            continue
        # Streamlit takes each figure for an address first, and Python keeps the last 128 addresses, here 200 MB.
        urllib.parse.clear_cache()  # type: ignore[attr-defined]
        gc.collect()  # what came since: a few milliseconds
        if len(gc.get_objects()) > MANY:
            _settle()
        looked = time.monotonic()


STEPS = (_import_pages, _make_network, _take_first_photo, _import_more_pages, _prepare_streams, _settle)
