"""Call sites are found by name, and told apart, without running the network."""

import numpy as np
import pytest

from explain import run_with_cache
from explain.figures import FIGURES
from explain.tracing.sites import KINDS, Target, find, hooks_below, hooks_for, kind_of, label, sites
from model import SKFF, Downsample, HookError, MIRNet, MIRNetConfig, Upsample


@pytest.fixture(scope="module")
def names():
    return MIRNet(MIRNetConfig(channels=8, groups=2, blocks=2)).hook_names


def test_every_component_is_found_once(names):
    found = sites(names)
    groups, blocks, streams, columns = 2, 4, 3, 2
    assert list(found) == list(KINDS)
    assert {kind: len(places) for kind, places in found.items()} == {
        "mirnet": 1,
        "rrg": groups,
        "mrb": blocks,
        "dau": blocks * streams * columns,
        "skff": blocks * (streams + 1),
        "spatial_attention": blocks * streams * columns,
        "channel_attention": blocks * streams * columns,
        "down": blocks * (2 + 3),  # two lead into the lower streams, three belong to the exchange
        "up": blocks * (3 + 2),
    }
    assert found["mirnet"] == [""]
    assert found["rrg"] == ["rrg_1", "rrg_2"]
    assert found["skff"][:4] == [f"rrg_1/mrb_1/exchange/skff_{k}" for k in (1, 2, 3)] + ["rrg_1/mrb_1/merge/skff"]
    assert all(len(set(places)) == len(places) for places in found.values())


def test_kind_of_agrees_with_sites(names):
    for kind, places in sites(names).items():
        assert {kind_of(names, place) for place in places} == {kind}
    assert kind_of(names, "rrg_1/mrb_1/exchange") is None
    assert kind_of(names, "nowhere") is None


def test_every_kind_has_a_figure_and_a_layer():
    import model

    assert FIGURES.keys() == KINDS.keys()
    assert all(hasattr(model, kind.layer) for kind in KINDS.values())


@pytest.mark.parametrize(("component", "kind"), [(Downsample(4), "down"), (Upsample(4), "up")])
def test_a_resizing_module_alone_is_told_apart_by_its_shapes(component, kind):
    _, cache = run_with_cache(component, np.ones((1, 8, 8, 4), "float32"))
    assert kind_of(cache) == kind
    assert sites(cache) == {kind: [""]}
    with pytest.raises(HookError, match="give the cache"):
        kind_of(list(cache))


def test_a_component_alone_has_the_empty_call_site():
    _, cache = run_with_cache(SKFF(4, streams=2), [np.ones((1, 8, 8, 4), "float32")] * 2)
    assert sites(cache) == {"skff": [""]}


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("skff", Target("skff", "rrg_1/mrb_1/exchange/skff_1")),
        ("SKFF", Target("skff", "rrg_1/mrb_1/exchange/skff_1")),
        ("ChannelAttention", Target("channel_attention", "rrg_1/mrb_1/column_1/dau_1/channel")),
        ("spatial-attention", Target("spatial_attention", "rrg_1/mrb_1/column_1/dau_1/spatial")),
        ("MIRNet", Target("mirnet", "")),
        ("rrg_2/mrb_2", Target("mrb", "rrg_2/mrb_2")),
        ("/rrg_2/mrb_2/", Target("mrb", "rrg_2/mrb_2")),
        ("rrg_1/mrb_1/exchange/down_1_3/step_2", Target("down", "rrg_1/mrb_1/exchange/down_1_3/step_2")),
        ("rrg_1/conv", Target(None, "rrg_1/conv")),
        ("residual", Target(None, "residual")),
    ],
)
def test_find(names, text, target):
    assert find(names, text) == target


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("rrg_1/mrb_1/merge/skf", "rrg_1/mrb_1/merge/skff"),
        ("skf", "skff"),
        ("rrg_3/conv", "rrg_1/conv"),
        ("xyzzy", "the components mirnet, rrg, mrb"),
        ("", "the components mirnet, rrg, mrb"),
        ("rrg_1/mrb_1/exchange/down_1_3/step_3", "step_2"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(names, text, near):
    with pytest.raises(HookError) as error:
        find(names, text)
    assert near in str(error.value)
    assert "\n" not in str(error.value)


def test_hooks_for_keeps_little(names):
    assert hooks_for(names, "mirnet") == ["input", "shallow", "rrg_1/out", "rrg_2/out", "residual", "output"]
    block = hooks_for(names, "mrb", "rrg_1/mrb_2")
    assert len(block) == 1 + 1 + 3 * 3 + 3  # input; in; columns 1, exchange, column 2; merge, conv, out
    inside = hooks_for(names, "skff", "rrg_1/mrb_2/merge/skff")
    assert inside == hooks_below(names, "rrg_1/mrb_2/merge/skff")
    step = hooks_for(names, "down", "rrg_1/mrb_1/exchange/down_1_3/step_2")
    assert step == hooks_below(names, "rrg_1/mrb_1/exchange/down_1_3")


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("rrg_1/mrb_2/exchange/skff_1", "group 1 · block 2 · exchange · SKFF 1"),
        ("rrg_1/mrb_2/exchange/down_1_3/step_2", "group 1 · block 2 · exchange · down from stream 1 to 3 · step 2"),
        ("rrg_2/mrb_1/merge/up_3", "group 2 · block 1 · merge · up from stream 3"),
        ("rrg_1/mrb_1/column_2/dau_3/spatial/gate", "group 1 · block 1 · column 2 · DAU 3 · spatial attention · gate"),
        ("", ""),
    ],
)
def test_label(site, words):
    assert label(site) == words
