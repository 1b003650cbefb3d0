"""Running only what a page needs gives the same numbers as running everything, and keeps within its bounds."""

import threading

import numpy as np
import pytest
from quick import FEW_KINDS, quick

from explain.analysis.receptive import field_of
from explain.app.catalog.choices import KINDS, Choice, detail_site, settle, site
from explain.app.compute import block_gradients, bounded_cache
from explain.app.compute.bounded_cache import BoundedCache, size_of
from explain.app.compute.contract_verdicts import probed, verdicts
from explain.app.compute.photos import Photo
from explain.app.compute.runner import (
    Setup,
    configuration,
    engine,
    hook_names,
    network,
    page_names,
    remembered,
    tensors,
)
from explain.app.compute.values_at import tensor_names
from explain.app.views.streams import streams_page
from explain.figures import FIGURES
from model.errors import HookError

SETUP = Setup()


@pytest.fixture(scope="module")
def photo():
    pixels = np.random.default_rng(3).integers(0, 256, (32, 48, 3), dtype="uint8")
    return Photo("a test", pixels, "noise")


@pytest.fixture(scope="module")
def everything(photo):
    whole = engine(SETUP)
    return whole.run(whole.names, {"input": photo.pixels[None] / np.float32(255)})


@pytest.mark.parametrize("kind", quick(KINDS, *FEW_KINDS))
def test_a_page_gets_the_same_numbers_as_a_full_run(photo, everything, kind):
    net, _ = network(SETUP)
    choice = settle(kind, net.config, Choice(2, 1, "exchange", 3, 1, 2))
    names = page_names(net.hook_names, kind, site(kind, choice))
    found = tensors(SETUP, photo, names)
    assert list(found) == names
    for name in names:
        assert np.array_equal(found[name], everything[name]), name
        assert not found[name].flags.writeable


@pytest.mark.parametrize("kind", quick(KINDS, *FEW_KINDS))
def test_the_names_suffice_for_the_figure_and_the_table(photo, kind):
    net, _ = network(SETUP)
    choice = settle(kind, net.config, Choice(1, 2, "merge", 3, 1, 2))
    where = detail_site(kind, choice)
    found = tensors(SETUP, photo, page_names(net.hook_names, kind, site(kind, choice)))
    assert set(tensor_names(kind, net.config, where)) <= set(found)
    assert FIGURES[kind](found, where).caption


@pytest.mark.parametrize("kind", quick(KINDS, *FEW_KINDS))
def test_every_promise_that_looks_is_checked_and_kept(photo, kind):
    from model.contracts import KINDS as NAMES
    from model.contracts import component_at, contracts_for

    net, _ = network(SETUP)
    choice = settle(kind, net.config, Choice(2, 2))
    found = verdicts(SETUP, photo, photo.key, site(kind, choice))
    promised = [each.title for each in contracts_for(component_at(net, site(kind, choice))) if not each.probes]
    assert [title for title, *_ in found] == promised
    assert all(holds for _, _, holds, _ in found), found
    assert len(NAMES) == len(KINDS)


@pytest.mark.slow
def test_the_public_mistake_has_the_same_weights_and_breaks_promises(photo):
    wrong = Setup(softmax="channels")
    right, mistaken = network(SETUP)[0], network(wrong)[0]
    assert configuration(wrong).skff_softmax == "channels"
    for ours, theirs in zip(right.get_weights(), mistaken.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    found = verdicts(wrong, photo, photo.key, "rrg_1/mrb_1/merge/skff")
    assert {title for title, _, holds, _ in found if not holds} >= {"weights sum to 1", "between the streams"}


@pytest.mark.parametrize("softmax", ["streams", "channels"])
@pytest.mark.slow
def test_the_hook_names_are_the_networks_own(softmax):
    setup = Setup(softmax=softmax)
    assert hook_names(setup) == network(setup)[0].hook_names


def test_probes_are_made_once_for_all_photos_and_kept():
    from model.contracts import component_at, contracts_for

    where = "rrg_1/mrb_1/merge/skff"
    found = probed(SETUP, where)
    promised = [each.title for each in contracts_for(component_at(network(SETUP)[0], where)) if each.probes]
    assert [title for title, *_ in found] == promised and len(promised) > 3
    assert all(holds for _, _, holds, _ in found), found


def test_an_unknown_name_is_refused(photo):
    for name in ("rrg_1/mrb_1/merge/nothing", "nothing", "rrg_9/mrb_1/in"):
        with pytest.raises(HookError):
            tensors(SETUP, photo, [name])


def arrays(count):
    return {"a": np.zeros(count, "uint8")}


def test_memory_computes_once_and_keeps_within_its_limit():
    memory, calls = BoundedCache(100), []

    def compute(key):
        calls.append(key)
        return arrays(40)

    first = memory.get(1, lambda: compute(1))
    assert memory.get(1, lambda: compute(1)) is first
    memory.get(2, lambda: compute(2))
    memory.get(1, lambda: compute(1))  # used again: 2 has waited longest
    memory.get(3, lambda: compute(3))
    assert calls == [1, 2, 3]
    assert (1 in memory, 2 in memory, 3 in memory) == (True, False, True)
    assert memory.used == 80


def test_what_is_larger_than_the_memory_is_given_and_not_kept():
    memory = BoundedCache(100)
    memory.get("small", lambda: arrays(60))
    assert memory.get("large", lambda: arrays(101))["a"].size == 101
    assert "large" not in memory and "small" in memory
    memory.get("passing", lambda: arrays(10), keep=False)
    assert "passing" not in memory


def test_an_array_under_two_names_counts_once():
    array = np.zeros(10, "float32")
    assert size_of({"in": array, "out": array}) == 40


def test_visitors_who_want_the_same_get_it_from_one_run():
    memory, begun, go, calls, results = BoundedCache(100), threading.Event(), threading.Event(), [], []

    def compute():
        calls.append(1)
        begun.set()
        assert go.wait(10)
        return arrays(1)

    visitors = [threading.Thread(target=lambda: results.append(memory.get("key", compute))) for _ in range(5)]
    visitors[0].start()
    assert begun.wait(10)
    for visitor in visitors[1:]:
        visitor.start()
    go.set()
    for visitor in visitors:
        visitor.join(10)
    assert len(calls) == 1
    assert len(results) == 5 and all(result is results[0] for result in results)


def test_what_takes_long_is_computed_once_and_lets_others_in_between():
    memory, begun, go, calls, results = BoundedCache(100), threading.Event(), threading.Event(), [], []

    def compute():
        calls.append(1)
        with memory.alone:
            begun.set()
        assert go.wait(10)
        return arrays(1)

    long = [
        threading.Thread(target=lambda: results.append(memory.get("long", compute, in_parts=True))) for _ in range(2)
    ]
    long[0].start()
    assert begun.wait(10)
    long[1].start()
    other = threading.Thread(target=memory.get, args=("short", lambda: arrays(2)))
    other.start()
    other.join(10)
    assert "short" in memory and "long" not in memory
    go.set()
    for visitor in long:
        visitor.join(10)
    assert len(calls) == 1 and results[0] is results[1]


def test_the_gradient_of_a_stage_lets_others_in_between_blocks(photo, monkeypatch):
    """What another page asks for while a block is under way is there before the next block begins."""
    done, others = [], []

    def other():
        remembered(("between", len(others)), lambda: done.append("other") or {})

    def back(block, given, upstream, *_):
        done.append("block")
        others.append(threading.Thread(target=other))
        others[-1].start()
        return upstream

    monkeypatch.setattr(streams_page, "backward_of", lambda setup: back)
    monkeypatch.setattr(block_gradients, "TURN_S", 0.5)
    config, pixel = configuration(SETUP), (20, 30)
    streams_page.seen_by(SETUP, photo, field_of(config, "output", *pixel), pixel)
    for each in others:
        each.join(10)
    assert done == ["block", "other"] * (config.groups * config.blocks)


def test_an_error_leaves_the_memory_usable():
    memory = BoundedCache(100)
    with pytest.raises(HookError):
        memory.get("key", lambda: (_ for _ in ()).throw(HookError("no such name")))
    assert memory.get("key", lambda: arrays(3))["a"].size == 3


def test_what_was_computed_of_a_photo_can_be_forgotten():
    memory = BoundedCache(1000)
    for key in (("a", "photo"), ("streams", "a", "photo", (1, 2)), ("a", "other"), "photo"):
        memory.get(key, lambda: {"x": np.zeros(10, "uint8")})
    memory.forget("photo")
    assert [key in memory for key in (("a", "photo"), ("streams", "a", "photo", (1, 2)))] == [False, False]
    assert ("a", "other") in memory and "photo" in memory and memory.used == 20


def test_small_things_made_of_photos_are_forgotten_together(monkeypatch):
    monkeypatch.setattr(bounded_cache, "_made_of_photos", {})
    made: list[int] = []

    @bounded_cache.kept_of_photos(5)
    def doubled(number: int) -> int:
        made.append(number)
        return 2 * number

    assert doubled(2) == doubled(2) == 4 and made == [2]
    bounded_cache.forget_what_was_made()
    assert doubled(2) == 4 and made == [2, 2]
