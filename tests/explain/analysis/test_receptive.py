"""Receptive fields: theoretical fields against a NaN in the network's input, and gradients against differences."""

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from keras import ops
from quick import quick

from explain import run_with_cache
from explain.analysis.receptive import Field, Seen, field_of, look, stages
from explain.analysis.receptive.theoretical import is_global
from model import HookError, MIRNet, MIRNetConfig, MirnetError
from model.hooks import visiting
from model.zoo import seed_weights

SMALL = MIRNetConfig(channels=4, groups=1, blocks=1)
SHALLOW = MIRNetConfig(channels=2, groups=1, blocks=1, streams=2, columns=1)
FOLDED = SHALLOW.replace(style="board", stem=3, companding=63.0)
DEEPER = SHALLOW.replace(groups=2, columns=2)
ROUNDING = 1e-5  # float32 gradients of a sum of thousands of terms


def made(config: MIRNetConfig) -> MIRNet:
    net = MIRNet(config)
    seed_weights(net, seed=1)
    return net


@pytest.fixture(scope="module")
def net() -> MIRNet:
    return made(SMALL)


@pytest.fixture(scope="module")
def shallow() -> MIRNet:
    return made(SHALLOW)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.random.default_rng(0).random((64, 48, 3), dtype="float32")


@pytest.fixture(scope="module")
def seen(net, photo) -> dict[str, Seen]:
    return {one.field.name: one for one in look(net, photo, 30, 17)}


def spoilt(net: MIRNet, side: int, row: int, column: int) -> dict[str, np.ndarray]:
    """For every hook point (height, width): where a NaN in one pixel of the photo arrives, the global paths held."""
    photo = np.random.default_rng(1).random((side, side, 3), dtype="float32")
    _, intact = run_with_cache(net, photo)
    bad = intact["input"].copy()
    bad[0, row, column] = np.nan
    put = {name: intact[name] for name in net.hook_names if is_global(name)} | {"input": bad}
    found = {}

    def visit(name, tensor):  # a hook of run_with_cache may not return NaN
        tensor = ops.convert_to_tensor(put.get(name, tensor))
        found[name] = np.isnan(ops.convert_to_numpy(tensor)[0]).any(axis=-1)
        return tensor

    with visiting(visit):
        net(photo[None])
    return found


@pytest.mark.parametrize(
    ("config", "side"), quick([(SHALLOW, 64), (FOLDED, 96), (DEEPER, 120), (SMALL, 128)], (SHALLOW, 64))
)
def test_a_nan_arrives_exactly_where_the_field_says(config, side):
    """Every stage, every pixel, both ways: what is in a field depends on it, and nothing else does."""
    net = made(config)
    row, column = side // 2 + 1, side // 3
    arrived = spoilt(net, side, row, column)
    for stage in stages(config):
        mask = arrived[stage.name]
        scale = side // mask.shape[0]
        fields = [field_of(config, stage.name, at, at) for at in range(0, side, scale)]
        rows = np.array([field.top <= row < field.bottom for field in fields])
        columns = np.array([field.left <= column < field.right for field in fields])
        np.testing.assert_array_equal(mask, rows[:, None] & columns[None], err_msg=stage.name)
        assert mask.any() and (stage.name == "output" or not mask.all())


def test_fields_counted_by_hand():
    """A 3x3 convolution; then two more and, for the gate, 5x5 around them."""
    shallow, unit = (field_of(SMALL, name, 50, 60) for name in ("shallow", "rrg_1/mrb_1/column_1/dau_1/out"))
    assert (shallow.top, shallow.bottom, shallow.left, shallow.right) == (49, 52, 59, 62)
    assert shallow.size == (3, 3) and not shallow.hears_all
    assert unit.size == (2 * (1 + 1 + 1 + 2) + 1,) * 2 and unit.hears_all
    assert field_of(SMALL, "rrg_1/mrb_1/column_1/dau_1/body", 50, 60).size == (7, 7)
    assert field_of(SMALL, "input", 50, 60).size == (1, 1)


def test_fields_do_not_depend_on_channels_and_grow_with_depth():
    sizes = [field_of(DEEPER, stage.name, 3, 9).size[0] for stage in stages(DEEPER)]
    assert sizes == sorted(sizes) and sizes[-1] > 1.9 * sizes[3]  # the second group doubles it
    assert field_of(SMALL, "output", 8, 8) == field_of(MIRNetConfig(groups=1, blocks=1), "output", 8, 8)


def test_what_lies_inside_a_photo():
    field = Field("x", "x", 1, -3, 4, 2, 9, False)
    assert field.size == (7, 7)
    assert field.within(20, 6) == (slice(0, 4), slice(2, 6))
    assert field.share_of(20, 6) == 16 / 120
    assert Field("x", "x", 1, -99, 99, -99, 99, True).share_of(20, 6) == 1


def test_stages_are_hook_points_in_the_order_of_execution(net):
    names = [stage.name for stage in stages(SMALL)]
    assert names == [name for name in net.hook_names if name in names]
    assert len(names) == 1 + SMALL.streams + 1 + 1


def test_a_gradient_is_what_a_small_step_does(shallow, photo):
    """Central differences; the network has kinks, so the step is small."""
    (found,) = look(shallow, photo, 30, 17, ["output"])
    step = 1e-2
    for row, column in ((30, 17), (31, 19)):
        total = 0.0
        for colour in range(3):
            ends = []
            for sign in (1, -1):
                moved = photo.astype("float32").copy()
                moved[row, column, colour] += sign * step
                output, _ = run_with_cache(shallow, moved, names=())
                ends.append(output[0, 30, 17].mean(dtype="float64"))
            total += abs(ends[0] - ends[1]) / (2 * step)
        assert found.gradient[row, column] == pytest.approx(total, rel=0.05)


def test_with_global_paths_held_nothing_comes_from_outside(shallow, photo, seen):
    name = "rrg_1/mrb_1/merge/skff/out"
    (live,) = look(shallow, photo, 30, 17, [name])
    (held,) = look(shallow, photo, 30, 17, [name], hold_global=True)
    assert held.share_inside == pytest.approx(1, abs=ROUNDING)
    outside = np.ones(held.gradient.shape, bool)
    outside[held.field.within(*held.gradient.shape)] = False
    assert not held.gradient[outside].any()
    outside = np.ones(held.gradient.shape, bool)
    outside[held.field.within(*outside.shape)] = False
    assert outside.any() and not held.gradient[outside].any()
    assert (live.gradient[outside] > 0).mean() > 0.5  # every pixel matters a little
    assert 0.5 < live.share_inside < 1
    assert seen["shallow"].share_inside == 1


def test_radii_hold_their_shares(seen):
    for one in seen.values():
        radii = [one.radius(share) for share in (0.5, 0.9, 0.99, 1)]
        assert radii == sorted(radii)
        rows, columns = np.indices(one.gradient.shape)
        away = np.hypot(rows - one.row, columns - one.column)
        for share, radius in zip((0.5, 0.9), radii, strict=False):
            total = one.gradient.sum(dtype="float64")
            assert one.gradient[away <= radius].sum(dtype="float64") >= share * total * (1 - ROUNDING)
            assert one.gradient[away < radius].sum(dtype="float64") < share * total * (1 + ROUNDING)
    field = seen["shallow"].field
    flat = Seen(field, np.ones((11, 11)), 5, 5)
    assert flat.radius(1 / 121) == 0 and flat.radius(5 / 121) == 1 and flat.radius(1) == pytest.approx(50**0.5)


def test_a_pixel_of_a_lower_stream_lies_in_the_middle_of_what_it_covers(seen):
    lowest = seen["rrg_1/mrb_1/column_2/dau_3/out"]
    assert lowest.field.scale == 4 and (lowest.row, lowest.column) == (29.5, 17.5)
    assert lowest.field.top <= 28 and lowest.field.bottom >= 32


def test_looking_changes_nothing(net, photo):
    before = net.get_weights(), run_with_cache(net, photo)[0]
    steps = []
    look(net, photo, 1, 1, ["shallow", "output"], hold_global=True, progress=lambda *step: steps.append(step))
    assert steps == [(0, 2), (1, 2), (2, 2)]
    for old, new in zip(before[0], net.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(before[1], run_with_cache(net, photo)[0])


def test_a_photo_of_any_size(net):
    dark = np.full((17, 22, 3), 60, "uint8")
    (found,) = look(net, dark, 16, 21, ["output"])
    assert found.gradient.shape == (20, 24)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((64, 0), r"rows 0 to 63 and columns 0 to 47, not 64, 0"),
        ((0, -1), r"not 0, -1"),
        ((0, 0, ["rrg_9/out"]), "'rrg_9/out' is not a hook point"),
        ((0, 0, ["rrg_1/mrb_1/column_1/dau_1/channel/gate"]), "comes from the whole photo"),
        ((0, 0, ["rrg_1/mrb_1/merge/skff/weights"]), "comes from the whole photo"),
    ],
)
def test_what_a_user_can_fix(net, photo, words, message):
    with pytest.raises(MirnetError, match=message):
        look(net, photo, *words)


def test_what_does_not_depend_on_the_photo_is_said(photo):
    dead = made(SHALLOW)
    dead.shallow.kernel.assign(np.zeros(dead.shallow.kernel.shape, "float32"))
    with pytest.raises(MirnetError, match="first convolution does not change with the photo at 3, 4"):
        look(dead, photo, 3, 4, ["shallow"])


def test_unknown_hooks_are_hook_errors():
    with pytest.raises(HookError):
        field_of(SMALL, "nothing", 0, 0)


PROGRAM = """
import numpy as np
from explain.analysis.receptive import field_of, look
from model import MIRNet, MIRNetConfig
from model.zoo import seed_weights
config = MIRNetConfig(channels=2, groups=1, blocks=1, streams=2, columns=1)
net = MIRNet(config)
seed_weights(net, seed=1)
photo = np.random.default_rng(0).random((16, 12, 3), dtype="float32")
(found,) = look(net, photo, 7, 5, ["output"])
print(field_of(config, "output", 7, 5).size[0], *found.gradient.ravel()[::7])
"""


@pytest.mark.slow
def test_jax_agrees(require, shallow):
    require(find_spec("jax"), "needs jax: pip install -e '.[dev]'")
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    size, *there = (float(number) for number in done.stdout.split())
    image = np.random.default_rng(0).random((16, 12, 3), dtype="float32")
    (here,) = look(shallow, image, 7, 5, ["output"])
    assert size == here.field.size[0]
    np.testing.assert_allclose(here.gradient.ravel()[::7], there, rtol=1e-3, atol=1e-6)


def test_another_backend_is_told_what_is_missing(net, photo, monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    with pytest.raises(MirnetError, match="on TensorFlow or JAX, not on torch: start again with KERAS_BACKEND"):
        look(net, photo, 0, 0, ["output"])
