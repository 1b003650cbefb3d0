"""`mirnet layers`: float against int8, hook point by hook point."""

import csv

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from embedded.emulator import Emulator
from explain.analysis.camera_frames import frame_pairs
from explain.analysis.precision import compare_precision
from explain.cli.main import main
from explain.figures import THEMES, figure_bytes
from explain.figures.results.float_and_int8 import draw_precision
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.zoo import seed_weights


@pytest.fixture(scope="module")
def found(board):
    return compare_precision(board.net, Emulator(board.model), frame_pairs(None, 8))


@pytest.mark.slow
def test_every_tensor_once(found, board):
    tensors = {place.tensor for place in board.quantized.hooks.places.values()} - {None}
    assert {hook.tensor for hook in found.hooks} == tensors
    assert len(found.hooks) == len(tensors)
    assert found.pairs == 8


@pytest.mark.slow
def test_mixed_models_confirm_the_three_worst(found):
    confirmed = [hook for hook in found.hooks if hook.confirmed is not None]
    assert confirmed and {hook.name for hook in confirmed} == {hook.name for hook in found.ranked[:3]}
    for hook in confirmed:
        assert hook.confirmed == pytest.approx(hook.cost, abs=0.005)


@pytest.mark.slow
def test_measures_are_what_they_say(found, board):
    emulator = Emulator(board.quantized.model, board.quantized.hooks)
    pairs = frame_pairs(None, 8)
    assert found.int8_psnr == pytest.approx(
        np.mean([10 * np.log10(255**2 / np.square(emulator.restore(d) * 1.0 - b).mean()) for d, b in pairs])
    )
    name = "rrg_1/mrb_1/merge/skff/weights"
    (hook,) = [each for each in found.hooks if each.name == name]
    floats, dequantized = (tensors[name] for tensors in found.pictures)
    np.testing.assert_allclose(dequantized, emulator.cache(pairs[0][0])[name])
    one = 10 * np.log10(np.square(floats).sum() / np.square(floats - dequantized).sum())
    assert abs(hook.sqnr - one) < 6  # of one picture in eight
    assert all(0 <= each.saturated <= 1 and each.worst >= each.cost and each.shift >= 0 for each in found.hooks)


@pytest.mark.slow
def test_a_coarse_tensor_is_found(board):
    """With a scale sixteen times too large, it costs more than all others."""
    from embedded.tflite.rewrite import with_scales

    name = "rrg_1/conv"
    emulator = Emulator(board.quantized.model, board.quantized.hooks)
    tensor = emulator.graph.tensors[board.quantized.hooks.places[name].tensor]
    coarse = with_scales(board.quantized.model, {tensor.index: (tensor.scale * 16, tensor.zero_point)})
    worse = compare_precision(board.net, Emulator(coarse, board.quantized.hooks), frame_pairs(None, 8))
    assert worse.ranked[0].name == name


@pytest.mark.slow
def test_too_few_pairs_and_no_map(board):
    with pytest.raises(MirnetError, match="at least 8 pairs"):
        compare_precision(board.net, Emulator(board.quantized.model, board.quantized.hooks), frame_pairs(None, 7))
    with pytest.raises(MirnetError, match=r"keep NAME\.hooks\.json beside"):
        compare_precision(board.net, Emulator(board.quantized.model), frame_pairs(None, 8))


def test_another_networks_model_is_refused(board):
    other = MIRNet(board.net.config.replace(channels=6))
    seed_weights(other, seed=3)
    with pytest.raises(MirnetError, match="not that of this network"):
        compare_precision(other, Emulator(board.quantized.model, board.quantized.hooks), frame_pairs(None, 8))


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_command(capsys, board, tmp_path):
    argv = [board.model, "--weights", board.weights, "--count", "8", "--top", "4"]
    assert main(["layers", *argv, "--csv", str(tmp_path / "m.csv"), "--picture", str(tmp_path / "m.png")]) == 0
    out = capsys.readouterr().out
    assert "mixed model" in out and "8 pairs of frames: float" in out
    assert len([line for line in out.splitlines() if line.startswith(("rrg_1", "shallow", "folded"))]) == 4
    with open(tmp_path / "m.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100 and float(rows[0]["scale"]) > 0
    assert (tmp_path / "m.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--count", "3"], "--count must be at least 8"),
        (["--picture", "x.bmp"], "bmp"),
        (["--csv", "nowhere/x.csv"], "there is no folder"),
        (["--weights", "desk"], ""),
    ],
)
def test_what_a_user_can_fix(capsys, board, argv, message):
    assert main(["layers", board.model, *argv]) == 2
    assert message in capsys.readouterr().err
