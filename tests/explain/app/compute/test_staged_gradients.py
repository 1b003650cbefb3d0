"""The gradient, led back block by block, is what `look` finds with the whole network in memory."""

import numpy as np
import pytest

from explain import run_with_cache
from explain.analysis.receptive import field_of, look, stages
from explain.app.compute.block_gradients import block_back
from explain.app.compute.staged_gradients import as_seen, recorded_names, seen_from
from model import MIRNet, MIRNetConfig, MirnetError
from model.zoo import seed_weights

CONFIG = MIRNetConfig(channels=4, groups=2, blocks=1, streams=2, columns=1)
PIXEL = (13, 18)
ROUNDING = {"rtol": 2e-3, "atol": 1e-8}  # float32 sums of thousands of terms, in another order


@pytest.fixture(scope="module", params=[1, pytest.param(2, marks=pytest.mark.slow)])
def net(request) -> MIRNet:
    made = MIRNet(CONFIG.replace(blocks=request.param))
    seed_weights(made, seed=1)
    return made


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (24, 36, 3), "uint8")


@pytest.fixture(scope="module")
def recorded(net, photo):
    _, cache = run_with_cache(net, photo, names=recorded_names(net))
    return cache


@pytest.fixture(scope="module")
def back(net):
    return block_back(net)


@pytest.mark.slow
def test_every_stage(net, photo, recorded, back):
    names = [stage.name for stage in stages(net.config)]
    assert len(names) == 1 + 2 * (2 * net.config.blocks + 1) + 1
    both = zip(*(look(net, photo, *PIXEL, names, hold_global=held) for held in (False, True)), strict=True)
    for name, known in zip(names, both, strict=True):
        found = seen_from(net, back, photo, recorded, name, PIXEL)
        for ours, theirs in zip(found, known, strict=True):
            assert (ours.field, ours.row, ours.column) == (theirs.field, theirs.row, theirs.column)
            np.testing.assert_allclose(ours.gradient, theirs.gradient, **ROUNDING, err_msg=name)
    assert name == "output" and not np.allclose(found[0].gradient, found[1].gradient, **ROUNDING)


def test_another_photo_and_another_pixel_need_no_other_compilation(net, back):
    photo = np.random.default_rng(1).integers(0, 255, (16, 20, 3), "uint8")
    _, cache = run_with_cache(net, photo, names=recorded_names(net))
    (known,) = look(net, photo, 0, 19, ["rrg_2/mrb_1/column_1/dau_2/out"])
    found, _ = seen_from(net, back, photo, cache, known.field.name, (0, 19))
    np.testing.assert_allclose(found.gradient, known.gradient, **ROUNDING)


def test_networks_that_start_otherwise_are_differentiated_at_once(photo):
    board = MIRNet(MIRNetConfig(channels=2, groups=1, blocks=1, streams=2, columns=1, style="board", stem=3))
    seed_weights(board, seed=1)
    assert block_back(board) is None
    found, _ = seen_from(board, None, photo, {}, "output", PIXEL)
    (known,) = look(board, photo, *PIXEL, ["output"])
    np.testing.assert_array_equal(found.gradient, known.gradient)


def test_a_pixel_that_sees_nothing_is_said(photo, back):
    dead = MIRNet(CONFIG.replace(groups=1))
    dead.shallow.kernel.assign(np.zeros(dead.shallow.kernel.shape, "float32"))
    _, cache = run_with_cache(dead, photo, names=recorded_names(dead))
    with pytest.raises(MirnetError, match="first convolution does not change with the photo at row 13, column 18"):
        seen_from(dead, back, photo, cache, "shallow", PIXEL)


def test_the_middle_of_a_coarse_pixel():
    field = field_of(MIRNetConfig(channels=4, groups=1, blocks=1), "rrg_1/mrb_1/column_2/dau_3/out", 13, 18)
    seen = as_seen(field, np.ones((24, 36), "float32"), (13, 18))
    assert (seen.row, seen.column) == (13.5, 17.5)  # over rows 12 to 15, columns 16 to 19
