"""Which tensor is which hook point: found by value, complete, checked, and never guessed."""

import numpy as np
import pytest

from embedded.camera.pixel_tables import network_input
from embedded.quantize.hook_mapping import hook_values, map_hooks, tensor_values
from embedded.tflite.hook_map import HookMap, Place
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.zoo import seed_weights

NEEDED = ("gate", "weights", "out")  # every attention gate, SKFF weight, and what DAU, SKFF, MRB and RRG give


@pytest.fixture(scope="module")
def places(small):
    return small.quantized.hooks.places


def test_it_has_every_hook_point_of_the_graph(small, places):
    pixels = {"input", "companded", "residual", "output"}
    assert set(places) == set(small.net.hook_names) - pixels


def test_what_has_to_be_seen_is_a_tensor(places):
    needed = [name for name in places if name.rpartition("/")[2] in NEEDED]
    assert len(needed) > 50
    assert [name for name in needed if places[name].tensor is None] == []


def test_shapes_agree(small, places, pictures):
    values = hook_values(small.net, network_input(pictures[0], small.net.config))
    for name, place in places.items():
        if place.tensor is not None:
            assert small.emulator.graph.tensors[place.tensor].shape == values[name].shape


def test_the_integers_follow_the_float_values(small, places, frames):
    """On a picture that the map was not checked on."""
    from model.images.camera_formats import yuv422_to_rgb

    expected = hook_values(small.net, network_input(yuv422_to_rgb(frames[3]), small.net.config))
    cache = small.emulator.cache(frames[3])
    correlations = [
        np.corrcoef(cache[name].ravel(), expected[name].ravel())[0, 1]
        for name in cache
        if cache[name].std() > 0 and expected[name].std() > 0
    ]
    assert len(correlations) > 150
    assert np.median(correlations) > 0.99


def test_different_calls_are_different_tensors(places):
    """A unit that is called in two columns has a gate in each."""
    one, two = (places[f"rrg_1/mrb_1/column_{k}/dau_1/spatial/gate"].tensor for k in (1, 2))
    assert one is not None and two is not None and one != two


def test_a_map_of_another_network_is_refused(small, pictures):
    other = MIRNet(small.net.config.replace(columns=1))
    seed_weights(other)
    with pytest.raises(MirnetError, match="operators are not those of this network"):
        map_hooks(other, small.quantized.model, network_input(pictures[0], other.config))


@pytest.mark.slow
def test_the_network_keeps_its_weights(small, pictures):
    before = small.net.get_weights()
    map_hooks(small.net, small.quantized.model, network_input(pictures[0], small.net.config))
    for one, other in zip(before, small.net.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_fused_is_said(small):
    graph = small.emulator.graph
    found = HookMap({"a": Place(None, 4), "b": Place(graph.operators[0].outputs[0], 0, 0.9), "c": Place(0, None)})
    assert found.describe("a", graph) == f"fused into {graph.operators[4].kind} 4"
    assert found.describe("b", graph).startswith("tensor ")
    assert found.describe("c", graph) == "tensor 0, the graph's input"


@pytest.mark.slow
def test_a_hook_point_that_was_merged_away_is_not_guessed(small, monkeypatch):
    """A hook point whose values agree with no tensor is listed as fused into what comes after it."""
    from embedded.quantize import hook_mapping

    true = hook_mapping.hook_values

    def with_a_stranger(net, frame):
        found = true(net, frame)
        names = list(found)
        at = names.index("rrg_1/mrb_1/merge/skff/weights")
        strange = {"stranger": found[names[at]] * 1.01}
        return {name: found[name] for name in names[:at]} | strange | {name: found[name] for name in names[at:]}

    monkeypatch.setattr(hook_mapping, "hook_values", with_a_stranger)
    frame = np.random.default_rng(0).uniform(0, 1, small.emulator.graph.tensors[0].shape).astype("float32")
    places = map_hooks(small.net, small.quantized.model, frame).places
    assert places["stranger"].tensor is None
    assert places["stranger"].operator == places["rrg_1/mrb_1/merge/skff/weights"].operator


def test_saved_and_loaded(small, tmp_path):
    small.quantized.hooks.save(tmp_path / "m.hooks.json")
    assert HookMap.load(tmp_path / "m.hooks.json").places == dict(small.quantized.hooks.places)
    with pytest.raises(MirnetError, match="holds no map"):
        HookMap.load(tmp_path / "none.json")


def test_values_of_every_tensor(small, frames):
    graph = small.emulator.graph
    shape = graph.tensors[graph.inputs[0]].shape
    found = tensor_values(small.quantized.model, np.zeros(shape, np.int8))
    assert set(found) == {*graph.inputs, *graph.computed}
