"""`mirnet layers`: float against int8, hook point by hook point."""

import csv

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from embedded.emulator import Emulator
from embedded.quantize import quantize
from explain.cli import main
from explain.figures import THEMES, figure_bytes
from explain.figures.precision import draw_precision
from explain.frames import dark_frames, frame_pairs
from explain.precision import compare_precision
from model.config import MIRNetConfig
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.zoo import seed_weights

# Whole, but quick: a stem of 10, so 12 x 16 places.
SMALL = MIRNetConfig(channels=4, groups=1, blocks=1, style="board", stem=10, companding=63.0)


@pytest.fixture(scope="module")
def net():
    network = MIRNet(SMALL)
    seed_weights(network, seed=3)
    return network


@pytest.fixture(scope="module")
def quantized(net):
    return quantize(net, dark_frames(None, None, 8))


@pytest.fixture(scope="module")
def found(net, quantized):
    return compare_precision(net, Emulator(quantized.model, quantized.hooks), frame_pairs(None, 8))


@pytest.fixture(scope="module")
def folder(net, quantized, tmp_path_factory):
    place = tmp_path_factory.mktemp("layers")
    (place / "m.tflite").write_bytes(quantized.model)
    quantized.hooks.save(place / "m.hooks.json")
    net.save_weights(place / "m.weights.h5")
    return place


def test_every_tensor_once(found, quantized):
    tensors = {place.tensor for place in quantized.hooks.places.values()} - {None}
    assert {hook.tensor for hook in found.hooks} == tensors
    assert len(found.hooks) == len(tensors)
    assert found.pairs == 8


def test_mixed_models_confirm_the_three_worst(found):
    confirmed = [hook for hook in found.hooks if hook.confirmed is not None]
    assert confirmed and {hook.name for hook in confirmed} == {hook.name for hook in found.ranked[:3]}
    for hook in confirmed:
        assert hook.confirmed == pytest.approx(hook.cost, abs=0.005)


def test_measures_are_what_they_say(found, net, quantized):
    emulator = Emulator(quantized.model, quantized.hooks)
    pairs = frame_pairs(None, 8)
    assert found.int8_psnr == pytest.approx(
        np.mean([10 * np.log10(255**2 / np.square(emulator.restore(d) * 1.0 - b).mean()) for d, b in pairs])
    )
    name = "rrg_1/mrb_1/merge/skff/weights"
    (hook,) = [each for each in found.hooks if each.name == name]
    real, whole = (tensors[name] for tensors in found.pictures)
    np.testing.assert_allclose(whole, emulator.cache(pairs[0][0])[name])
    one = 10 * np.log10(np.square(real).sum() / np.square(real - whole).sum())
    assert abs(hook.sqnr - one) < 6  # of one picture in eight
    assert all(0 <= each.saturated <= 1 and each.worst >= each.cost and each.shift >= 0 for each in found.hooks)


@pytest.mark.slow
def test_a_coarse_tensor_is_found(net, quantized):
    """With a scale sixteen times too large, it costs more than all others."""
    from embedded.rewrite import with_scales

    name = "rrg_1/conv"
    emulator = Emulator(quantized.model, quantized.hooks)
    tensor = emulator.graph.tensors[quantized.hooks.places[name].tensor]
    coarse = with_scales(quantized.model, {tensor.index: (tensor.scale * 16, tensor.zero_point)})
    worse = compare_precision(net, Emulator(coarse, quantized.hooks), frame_pairs(None, 8))
    assert worse.ranked[0].name == name


def test_too_few_pairs_and_no_map(net, quantized):
    with pytest.raises(MirnetError, match="at least 8 pairs"):
        compare_precision(net, Emulator(quantized.model, quantized.hooks), frame_pairs(None, 7))
    with pytest.raises(MirnetError, match=r"keep NAME\.hooks\.json beside"):
        compare_precision(net, Emulator(quantized.model), frame_pairs(None, 8))


def test_another_networks_model_is_refused(quantized):
    other = MIRNet(SMALL.replace(channels=6))
    seed_weights(other, seed=3)
    with pytest.raises(MirnetError, match="not that of this network"):
        compare_precision(other, Emulator(quantized.model, quantized.hooks), frame_pairs(None, 8))


@pytest.mark.parametrize("theme", THEMES)
def test_the_picture(found, theme):
    figure = draw_precision(found, THEMES[theme], "a model")
    with mpl.rc_context({"savefig.dpi": 50}):
        assert figure_bytes(figure, "png")[:4] == b"\x89PNG"
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles.count("float") == titles.count("int8") == 3
    bars = figure.axes[0]
    assert [round(bar.get_width(), 6) for bar in bars.patches] == [round(hook.cost, 6) for hook in found.ranked[:14]]
    FigureCanvasAgg(figure).draw()
    right = max(text.get_window_extent().x1 for text in bars.texts)
    assert right <= figure.bbox.x1


def test_the_command(capsys, folder):
    words = [str(folder / "m.tflite"), "--weights", str(folder / "m.weights.h5"), "--count", "8", "--top", "4"]
    assert main(["layers", *words, "--csv", str(folder / "m.csv"), "--picture", str(folder / "m.png")]) == 0
    out = capsys.readouterr().out
    assert "mixed model" in out and "8 pairs of frames: float" in out
    assert len([line for line in out.splitlines() if line.startswith(("rrg_1", "shallow", "folded"))]) == 4
    with open(folder / "m.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100 and float(rows[0]["scale"]) > 0
    assert (folder / "m.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--count", "3"], "--count must be at least 8"),
        (["--picture", "x.bmp"], "bmp"),
        (["--csv", "nowhere/x.csv"], "folder that exists"),
        (["--weights", "desk"], ""),
    ],
)
def test_what_a_user_can_mend(capsys, folder, words, message):
    assert main(["layers", str(folder / "m.tflite"), *words]) == 2
    assert message in capsys.readouterr().err
