"""The board's style: the same components, made so that they run well in int8 within little memory."""

import keras
import numpy as np
import pytest
from keras import ops
from quick import quick

from explain import cost, run_with_cache
from model import (
    SKFF,
    Downsample,
    DualAttentionUnit,
    MIRNet,
    MIRNetConfig,
    MirnetError,
    MultiScaleResidualBlock,
    RecursiveResidualGroup,
    Upsample,
    resampling,
)
from model.config import preset
from model.contracts import call_at, call_sites, check_all, record
from model.images.camera_formats import depth_to_space, space_to_depth
from model.inference.compiled import CompiledNet
from model.inference.tiling import enhance
from model.samples import load_sample
from model.zoo import load_network, seed_weights

NANO = preset("nano")
TINY = MIRNetConfig(2, 1, 1, streams=2, style="board", stem=5, companding=15)


@pytest.fixture(scope="module")
def traced():
    net = MIRNet(NANO)
    seed_weights(net)
    photo = load_sample("hedgehog")[0][:120, :160]
    return net, *run_with_cache(net, photo)


def drawn(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def broken(results) -> dict[str, str]:
    return {contract.title: verdict.message for contract, verdict in results if not verdict.holds}


def test_all_contracts_hold_at_every_call_site_of_the_nano(traced):
    net, _, cache = traced
    titles = set()
    for site, _ in call_sites(net):
        results = check_all(call_at(net, cache, site), probes=False)
        assert broken(results) == {}, site
        titles |= {contract.title for contract, _ in results}
    assert {"companding", "space-to-depth", "features before the resize", "reduced, then enlarged"} <= titles
    assert "transposed convolution in place" not in titles


@pytest.mark.parametrize(
    ("component", "inputs"),
    quick(
        [
            (lambda: SKFF(8, style="board"), [drawn(1, 8, 12, 8), drawn(1, 8, 12, 8) + 1, drawn(1, 8, 12, 8) * 2]),
            (lambda: DualAttentionUnit(8, style="board"), drawn(1, 8, 12, 8)),
            (lambda: Downsample(8, 4, style="board"), drawn(1, 8, 12, 8)),
            (lambda: Upsample(8, 4, style="board"), drawn(1, 8, 12, 8)),
            (lambda: MultiScaleResidualBlock(4, streams=2, style="board"), drawn(1, 8, 12, 4)),
            (lambda: MIRNet(TINY), np.abs(drawn(1, 20, 40, 3)).clip(0, 1)),
            (lambda: RecursiveResidualGroup(2, blocks=1, streams=2, style="board"), drawn(1, 8, 12, 2)),
            (lambda: RecursiveResidualGroup(2, blocks=2, streams=2, style="board"), drawn(1, 8, 12, 2)),
        ],
        first=5,
    ),
)
def test_all_contracts_hold_probes_too(component, inputs):
    keras.utils.set_random_seed(0)
    assert broken(check_all(record(component(), inputs))) == {}


def test_it_learns_no_slopes(traced):
    assert not any(weight.name == "alpha" for weight in traced[0].weights)


def test_bilinear_and_1x1_change_places():
    """The shortcut is that of the paper: there the resize comes first."""
    module = Upsample(8, style="board")
    (step,) = module.steps
    step.narrow.kernel.assign(np.zeros(step.narrow.kernel.shape))
    paper = Upsample(8)
    paper.steps[0].narrow.kernel.assign(np.zeros(step.narrow.kernel.shape))
    paper.steps[0].shortcut.kernel.assign(step.shortcut.kernel)
    x = drawn(1, 6, 10, 8)
    np.testing.assert_allclose(module(x), paper(x), atol=1e-6)


def test_squares_of_pixels_become_channels_as_the_boards_code_does_it():
    picture = drawn(20, 30, 3)
    deep = ops.convert_to_numpy(resampling.space_to_depth(picture[None], 5))
    np.testing.assert_array_equal(deep[0], space_to_depth(picture, 5))
    np.testing.assert_array_equal(
        ops.convert_to_numpy(resampling.depth_to_space(deep, 5))[0], depth_to_space(deep[0], 5)
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(resampling.depth_to_space(deep, 5))[0], picture)


def test_the_graph_of_the_board_is_the_network_without_its_pixel_code(traced):
    net, output, cache = traced
    residual = ops.convert_to_numpy(net.residual(cache["folded"]))
    np.testing.assert_allclose(residual, cache["folded_residual"], atol=1e-6)
    restored = cache["companded"][0] + depth_to_space(residual[0], NANO.stem)
    np.testing.assert_allclose(restored, np.asarray(output)[0], atol=1e-6)


def test_the_companded_dark_has_more_levels(traced):
    _, _, cache = traced
    dark, light = cache["input"], cache["companded"]
    assert dark.mean() < 0.15 < light.mean()
    assert 0 <= light.min()
    assert light.max() <= 1


def test_it_fits_its_budget_of_work_and_weights(traced):
    net = traced[0]
    assert net.count_params() <= 450_000
    assert cost(net, (120, 160)).macs <= 70e6


def test_a_graph_for_every_size_agrees_with_the_layers():
    net = MIRNet(TINY)
    seed_weights(net, 1)
    compiled = CompiledNet(net)
    for size in ((1, 20, 40, 3), (1, 60, 20, 3)):
        photo = np.abs(drawn(*size)).clip(0, 1)
        np.testing.assert_allclose(compiled.on(photo)[0], ops.convert_to_numpy(net(photo)), atol=1e-5)


@pytest.mark.parametrize("config", [TINY, pytest.param("nano", marks=pytest.mark.slow)], ids=["tiny", "nano"])
def test_any_photo_is_enhanced(config):
    net, _ = load_network(config)
    photo = load_sample("room")[0][:133, :147]
    assert enhance(net, photo).shape == photo.shape


def test_sizes_that_do_not_fold_are_refused(traced):
    with pytest.raises(MirnetError, match="multiples of 20, not 30 x 40"):
        traced[0](np.zeros((1, 30, 40, 3), "float32"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"style": "nice"}, "style must be one of paper, board"),
        ({"stem": 0}, "stem must be an integer of at least 1"),
        ({"companding": -1}, "companding must be a number of at least 0"),
    ],
)
def test_nonsense_is_refused(wrong, message):
    with pytest.raises(MirnetError, match=message):
        MIRNetConfig(**wrong)
