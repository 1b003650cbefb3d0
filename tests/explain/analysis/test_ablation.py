"""Ablations: what each does to the tensors, what does nothing, what becomes the identity, and what they cost."""

import functools
import re
from types import SimpleNamespace

import numpy as np
import pytest
from quick import quick

from explain import run_with_cache, run_with_hooks
from explain.analysis.ablation import KINDS, Switchboard, ablate, ablation_table, ablations, choose, effect, run_ablated
from explain.analysis.ablation.gate_values import GATES, gate_values, is_gate
from explain.analysis.ablation.run_ablated import run_without
from explain.tracing.engine import make_engine
from model import MIRNet, MIRNetConfig, MirnetError
from model.quality.metrics import psnr
from model.zoo import seed_weights

CONFIG = MIRNetConfig(channels=8, groups=2, blocks=1)
SMALL = MIRNetConfig(channels=4, groups=1, blocks=1)
BLOCK = "rrg_1/mrb_1"
UNIT = f"{BLOCK}/column_1/dau_1"
MERGE = f"{BLOCK}/merge/skff"
OTHER_ORDER = 1e-5  # a compiled graph adds up in another order than single operators do


def made(config: MIRNetConfig, seed: int = 0) -> MIRNet:
    net = MIRNet(config)
    seed_weights(net, seed)
    return net


@pytest.fixture(scope="module")
def net() -> MIRNet:
    return made(CONFIG)


@pytest.fixture(scope="module")
def small() -> MIRNet:
    return made(SMALL)


@pytest.fixture(scope="module")
def board(small) -> Switchboard:
    return Switchboard(small)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).random((16, 24, 3), dtype="float32")


engine = functools.cache(make_engine)  # one graph for each network: making it takes longer than running it


@pytest.fixture(scope="module", autouse=True)
def one_engine_for_each_network():
    """No test here changes the weights of a network that has run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_ablated, "make_engine", engine)
        yield


def inside(net: MIRNet, image, *keys: str, gates: str = "mean", others=()) -> dict[str, np.ndarray]:
    """All tensors of a run with these ablations."""
    ready = engine(net)
    all_of_them = SimpleNamespace(
        run=lambda _, given, kept: {"output": ready.run(ready.names, given, kept)}, uniform=ready.uniform
    )
    values = gate_values(ready, image[None], gates, others)
    return run_without(all_of_them, choose(net.config, keys), {"input": image[None]}, values)


def key(kind: str, site: str) -> str:
    return f"{kind}.{site.replace('/', '.')}"


# The list.


def test_every_part_has_its_ablations_once():
    found = ablations(CONFIG)
    counts = {kind: sum(each.kind == kind for each in found) for kind in KINDS}
    units, fusions = 2 * 1 * 2 * 3, 2 * 1 * 4
    assert counts == {
        "channel-off": units + 1,
        "spatial-off": units + 1,
        "attention-off": units + 1,
        "equal-weights": fusions + 1,
        "drop-stream": fusions * 3,
        "skip-dau": units,
        "skip-block": 2,
        "skip-group": 2,
    }
    assert len({each.key for each in found}) == len({each.words for each in found}) == len(found)


@pytest.mark.parametrize(
    "changes", quick([{}, {"streams": 2, "columns": 3}, {"columns": 1, "blocks": 2}, {"streams": 4}], {})
)
def test_keys_are_plain_and_hooks_exist(changes):
    config = SMALL.replace(**changes)
    names = MIRNet(config).hook_names
    found = ablations(config)
    assert all(re.fullmatch(r"[a-z0-9._-]+", each.key) for each in found)
    assert {hook for each in found for hook in each.hooks} <= set(names)
    for ending in ("/channel/gate", "/spatial/gate", "/weights", "/fused", "/conv"):
        there = {name for name in names if name.endswith(ending) and not name.endswith(f"skff{ending}")}
        there -= {name for name in names if "/skff" in name and ending == "/fused"}  # the sum of the streams
        assert there <= {hook for each in found for hook in each.hooks}


def test_words_say_what_and_where():
    labels = {each.key: each.words for each in ablations(CONFIG)}
    assert labels[key("spatial-off", UNIT)] == "spatial attention off: group 1 · block 1 · column 1 · DAU 1"
    assert labels[key("drop-stream", f"{MERGE}/stream_2")] == "stream 2 dropped: group 1 · block 1 · merge · SKFF"
    assert labels["equal-weights.all"] == "SKFF weights equal: everywhere"
    assert labels["skip-group.rrg_2"] == "group skipped: group 2"


def test_choosing_takes_keys_and_ablations_once_and_in_order():
    first, *_, last = ablations(CONFIG)
    assert choose(CONFIG, [last.key, first, last, first.key]) == (first, last)
    assert choose(CONFIG, []) == ()


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("skip-block.rrg_1.mrb_3", "did you mean skip-block.rrg_1.mrb_1"),
        ("spatial.all", "did you mean spatial-off.all"),
        ("?", "a key begins with one of channel-off, spatial-off"),
    ],
)
def test_an_unknown_key_is_refused_with_near_ones(small, image, wrong, hint):
    with pytest.raises(MirnetError, match=re.escape(f"no ablation {wrong!r}; ")) as told:
        ablate(small, image, [wrong])
    assert hint in str(told.value)


# What each does.


def test_attention_off_levels_its_own_gates_only(small, image):
    before = run_with_cache(small, image)[1]
    cache = inside(small, image, key("spatial-off", UNIT))
    np.testing.assert_allclose(cache[f"{UNIT}/spatial/gate"], before[f"{UNIT}/spatial/gate"].mean(), rtol=1e-5)
    for untouched in (f"{UNIT}/channel/gate", f"{BLOCK}/column_1/dau_2/spatial/gate"):
        np.testing.assert_allclose(cache[untouched], before[untouched], atol=OTHER_ORDER)
        assert np.ptp(before[untouched]) > 1e-4
    assert np.ptp(cache[f"{BLOCK}/column_2/dau_1/spatial/gate"]) > 0.01  # the same layer's other call
    both = inside(small, image, key("attention-off", UNIT), gates="one")
    np.testing.assert_array_equal(both[f"{UNIT}/channel/out"], both[f"{UNIT}/spatial/out"])


@pytest.mark.parametrize(("kind", "part"), [("channel-off", "channel"), ("spatial-off", "spatial")])
def test_all_at_once(small, image, kind, part):
    cache = inside(small, image, f"{kind}.all", gates="one")
    gates = {name: tensor for name, tensor in cache.items() if name.endswith("/gate")}
    assert all((tensor == 1).all() == (f"/{part}/" in name) for name, tensor in gates.items())


@pytest.mark.parametrize("method", GATES)
def test_gates_become_what_is_said(small, image, method):
    """Replaced by hand, operator by operator."""
    others = [image[::-1, :20] ** 2, image.transpose(1, 0, 2)]
    ready = engine(small)
    batch = np.stack([image, image**2])
    values = gate_values(ready, batch, method, others)
    assert set(values) == {name for name in small.hook_names if is_gate(name)}
    intact = ready.run(list(values), {"input": batch})
    for name, value in values.items():
        gate = intact[name]
        assert np.broadcast_shapes(value.shape, gate.shape) == gate.shape
        if method in ("one", "zero"):
            assert (value == (method == "one")).all()
        elif method == "mean":
            np.testing.assert_allclose(value, np.broadcast_to(gate.mean((1, 2, 3), keepdims=True), value.shape), 1e-5)
        elif method == "photos":
            assert value.shape == (1, 1, 1, gate.shape[-1]) and np.ptp(value) < 1e-6
        else:
            assert value.shape == (1, *gate.shape[1:])
    hooks = {name: lambda gate, value=value: np.broadcast_to(value[:1], gate.shape) for name, value in values.items()}
    by_hand = run_with_hooks(small, image, hooks)
    found = ablate(small, image, ["attention-off.all"], method, others)
    np.testing.assert_allclose(found, by_hand[0], atol=OTHER_ORDER)


def test_the_photo_itself_is_no_other_one(small, board, image):
    pixels = np.rint(image * 255).astype("uint8")
    with pytest.raises(MirnetError, match="give some"):
        ablate(small, pixels, ["attention-off.all"], "resample", [pixels])
    other = 255 - pixels
    with_both, with_other = (
        board.run(pixels, ["spatial-off.all"], "resample", given) for given in ([pixels, other], [other])
    )
    np.testing.assert_array_equal(with_both, with_other)
    rows = ablation_table(
        small, [(pixels, None), (other, None)], chosen=["spatial-off.all"], gates="photos", others=[pixels, other]
    )
    swapped = [
        effect(small, *pair, None, "photos", [by]).rms
        for pair, by in (((pixels, ["spatial-off.all"]), other), ((other, ["spatial-off.all"]), pixels))
    ]
    assert rows[0].rms == pytest.approx(np.mean(swapped), abs=1e-3)


@pytest.mark.parametrize(
    ("method", "message"),
    [("median", "cannot become 'median': choose one of mean, photos"), ("photos", "give some"), ("resample", "some")],
)
def test_a_method_that_does_not_work_is_refused(small, image, method, message):
    with pytest.raises(MirnetError, match=message):
        ablate(small, image, ["spatial-off.all"], method)


def test_equal_weights_make_the_mean(small, image):
    cache = inside(small, image, key("equal-weights", MERGE))
    streams = [cache[f"{MERGE}/stream_{k}"] for k in (1, 2, 3)]
    np.testing.assert_allclose(cache[f"{MERGE}/out"], np.mean(streams, axis=0), rtol=1e-5, atol=1e-6)


def test_a_dropped_stream_leaves_its_share_to_the_others(small, image):
    before = run_with_cache(small, image)[1][f"{MERGE}/weights"]
    after = inside(small, image, key("drop-stream", f"{MERGE}/stream_2"))[f"{MERGE}/weights"]
    assert not after[:, 1].any()
    np.testing.assert_allclose(after.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(after[:, 0] / after[:, 2], before[:, 0] / before[:, 2], rtol=1e-5)


def test_two_dropped_streams_leave_the_third_alone(small, image):
    cache = inside(small, image, *(key("drop-stream", f"{MERGE}/stream_{k}") for k in (1, 3)))
    np.testing.assert_allclose(cache[f"{MERGE}/weights"][:, 1], 1, rtol=1e-6)
    np.testing.assert_allclose(cache[f"{MERGE}/out"], cache[f"{MERGE}/stream_2"], rtol=1e-6)


def test_equal_weights_come_before_dropping(small, image):
    cache = inside(small, image, key("drop-stream", f"{MERGE}/stream_1"), key("equal-weights", MERGE))
    mean = (cache[f"{MERGE}/stream_2"] + cache[f"{MERGE}/stream_3"]) / 2
    np.testing.assert_allclose(cache[f"{MERGE}/out"], mean, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_the_wrong_softmax_keeps_its_wrong_sum(image):
    wrong = made(SMALL.replace(skff_softmax="channels"))
    before = run_with_cache(wrong, image)[1][f"{MERGE}/weights"]
    after = inside(wrong, image, key("drop-stream", f"{MERGE}/stream_2"))[f"{MERGE}/weights"]
    np.testing.assert_allclose(after.sum(axis=1), before.sum(axis=1), rtol=1e-6)


# The identity.


SKIPS = [("skip-dau", UNIT), ("skip-block", BLOCK), ("skip-group", "rrg_1")]


@pytest.mark.parametrize(("kind", "site"), quick(SKIPS, SKIPS[0]))
def test_what_is_skipped_hands_on_its_input(net, image, kind, site):
    cache = inside(net, image, key(kind, site))
    np.testing.assert_array_equal(cache[f"{site}/out"], cache[f"{site}/in"])
    assert not np.allclose(cache["output"], run_with_cache(net, image)[0], atol=OTHER_ORDER)


def test_everything_ablated_in_a_block_is_its_identity(small, image):
    """A block that hears no stream adds nothing: the same as its contract says of a zeroed body, and as skipping it."""
    inside_it = [each for each in ablations(SMALL) if each.site.startswith(f"{BLOCK}/")]
    assert {each.kind for each in inside_it} == set(KINDS) - {"skip-block", "skip-group"}
    cache = inside(small, image, *(each.key for each in inside_it))
    assert not cache[f"{MERGE}/out"].any()
    np.testing.assert_array_equal(cache[f"{BLOCK}/out"], cache[f"{BLOCK}/in"])
    np.testing.assert_array_equal(ablate(small, image, inside_it), ablate(small, image, [key("skip-block", BLOCK)]))


@pytest.mark.slow
def test_without_any_group_the_first_convolution_goes_to_the_last(net, image):
    output = ablate(net, image, ["skip-group.rrg_1", "skip-group.rrg_2"])
    kept = run_with_cache(net, image)[1]["shallow"]
    np.testing.assert_allclose(output, run_with_hooks(net, image, {"rrg_2/out": lambda _: kept})[0], atol=OTHER_ORDER)


# Nothing to do.


def saturated() -> MIRNet:
    """A network whose spatial gates are exactly 1 and whose SKFF weights are exactly a third."""
    net = made(SMALL)
    for block in (block for group in net.groups for block in group.chain):
        for unit in block.units:
            # Maximum − mean over the channels is above 0 wherever channels differ at all.
            unit.spatial.locate.kernel.assign(np.full((5, 5, 2, 1), 1e9) * np.array([1, -1])[:, None])
        for fusion in block.fusions:
            for expand in fusion.expand:
                expand.kernel.assign(np.zeros(expand.kernel.shape))
    return net


@pytest.mark.slow
def test_an_ablation_with_nothing_to_do_changes_no_bit(image):
    net = saturated()
    _, cache = run_with_cache(net, image)
    assert all((cache[name] == 1).all() for name in cache if name.endswith("spatial/gate"))
    intact = ablate(net, image, ())
    np.testing.assert_array_equal(ablate(net, image, ["spatial-off.all", "equal-weights.all"]), intact)
    board = Switchboard(net)
    np.testing.assert_array_equal(board.run(image, ["spatial-off.all", "equal-weights.all"]), board.run(image))
    twice = [key("skip-block", BLOCK), key("skip-dau", UNIT)]  # what a skipped block does inside, nobody hears
    np.testing.assert_array_equal(ablate(net, image, twice), ablate(net, image, twice[:1]))


@pytest.mark.slow
def test_looking_never_changes_the_network(small, board, image):
    weights, output = small.get_weights(), run_with_cache(small, image)[0]
    everything = ablations(SMALL)
    ablate(small, image, everything)
    board.run(image, everything)
    ablation_table(small, [(image, None)], chosen=everything[:2])
    for before, after in zip(weights, small.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(run_with_cache(small, image)[0], output)
    np.testing.assert_allclose(ablate(small, image, ()), output[0], atol=OTHER_ORDER)


# Effects and the table.


def test_a_photo_of_any_size_and_kind(small):
    dark = np.random.default_rng(3).integers(0, 90, (13, 18, 3), "uint8")
    assert ablate(small, dark, ["spatial-off.all"]).shape == (13, 18, 3)
    np.testing.assert_array_equal(ablate(small, dark, ()), ablate(small, dark / np.float32(255), ()))


def test_an_effect_compares_with_the_intact_network(small, image):
    bright = np.clip(image * 1.5, 0, 1).astype("float32")
    found = effect(small, image, ["skip-block.rrg_1.mrb_1"], bright)
    np.testing.assert_array_equal(found.intact, ablate(small, image, ()))
    np.testing.assert_array_equal(found.output, ablate(small, image, found.chosen))
    as_seen = [np.clip(picture, 0, 1) for picture in (found.output, found.intact)]
    np.testing.assert_array_equal(found.difference, as_seen[0] - as_seen[1])
    rounded = [np.rint(255 * picture).astype("uint8") for picture in (*as_seen, bright)]
    assert found.change == psnr(rounded[0], rounded[2], data_range=255) - psnr(rounded[1], rounded[2], data_range=255)
    assert found.shift == pytest.approx(255 * (as_seen[0] - as_seen[1]).mean(), rel=1e-4)
    assert found.rms == pytest.approx(255 * np.sqrt(np.square(as_seen[0] - as_seen[1]).mean()), rel=1e-4)
    assert found.rms > abs(found.shift)


def test_without_a_bright_photo_there_are_no_decibels(small, image):
    found = effect(small, image, ())
    assert (found.psnr, found.psnr_intact, found.change) == (None, None, None)
    assert found.rms == found.shift == 0


def test_a_perfect_photo_that_stays_perfect_has_lost_nothing(small, image):
    perfect = np.clip(ablate(small, image, ()), 0, 1)
    assert effect(small, image, (), perfect).change == 0


def test_a_bright_photo_of_another_size_is_refused(small, image):
    with pytest.raises(MirnetError, match="24 x 16 pixels, not 16 x 24"):
        effect(small, image, (), image.transpose(1, 0, 2))


@pytest.mark.slow
def test_a_switchboard_runs_photos_of_any_size_and_several_at_once(small, board, image):
    turned = image.transpose(1, 0, 2)[:13]
    np.testing.assert_array_equal(board.run(turned, ["skip-group.rrg_1"]), ablate(small, turned, ["skip-group.rrg_1"]))
    both = [image, image[::-1]]
    together = board.run_batch(both, ["attention-off.all"], board.gate_values(both))
    np.testing.assert_allclose(together[1], ablate(small, image[::-1], ["attention-off.all"]), atol=OTHER_ORDER)


@pytest.mark.slow
def test_the_table_measures_each_ablation_by_itself(small, image):
    photos = [image, image.transpose(1, 0, 2)]
    pairs = [(photo, np.clip(photo * 1.4, 0, 1).astype("float32")) for photo in photos]
    keys = ["skip-group.rrg_1", "channel-off.all", key("equal-weights", MERGE)]
    steps = []
    rows = ablation_table(small, pairs, lambda *step: steps.append(step), keys)
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert {row.ablation.key for row in rows} == set(keys)
    assert [row.loss for row in rows] == sorted((row.loss for row in rows), reverse=True)
    for row in rows:
        effects = [effect(small, dark, [row.ablation], bright) for dark, bright in pairs]
        changes = [found.change for found in effects]
        assert row.loss == pytest.approx(-np.mean(changes), abs=0.02)  # a value in another order may round elsewhere
        assert row.worst == pytest.approx(-min(changes), abs=0.02)
        assert row.rms == pytest.approx(np.mean([found.rms for found in effects]), abs=1e-3)
        assert row.shift == pytest.approx(np.mean([found.shift for found in effects]), abs=1e-3)


@pytest.mark.slow
def test_without_bright_photos_the_largest_change_comes_first(small, image):
    rows = ablation_table(small, [(image, None)], chosen=ablations(SMALL)[::7])
    assert [row.loss for row in rows] == [None] * len(rows)
    assert [row.rms for row in rows] == sorted((row.rms for row in rows), reverse=True)
    assert sorted(row.place for row in rows) == list(range(len(rows)))


def test_pairs_that_do_not_go_together_are_refused(small, image):
    with pytest.raises(MirnetError, match="there are no photos"):
        ablation_table(small, [])
    with pytest.raises(MirnetError, match="give all or none"):
        ablation_table(small, [(image, None), (image, image)])
