"""A network of one's own in every command that takes `--weights`: a size that no preset has, without naming it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from quick import quick

from explain.cli.main import build_parser, find_commands, main
from explain.cli.running.train_network import new_order
from model import MIRNet, MIRNetConfig, load_image, save_image
from model.config import PRESETS
from model.inference.tiling import enhance
from model.samples import load_sample
from model.zoo import seed_weights

ROOT = Path(__file__).parents[3]
OWN = MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1)


@pytest.fixture(scope="session")
def net() -> MIRNet:
    net = MIRNet(OWN)
    seed_weights(net, 7)
    return net


@pytest.fixture(scope="session")
def own(net, tmp_path_factory) -> dict[str, str]:
    """The same network as a run folder, as the weights in it, and as Keras saves it."""
    run = tmp_path_factory.mktemp("own") / "run"
    run.mkdir()
    net.save_weights(run / "net.weights.h5")
    (run / "run.json").write_text(json.dumps({"network": OWN.to_dict()}))
    net.save(run.parent / "m.keras")
    return {"folder": str(run), "weights": str(run / "net.weights.h5"), "keras": str(run.parent / "m.keras")}


@pytest.fixture
def photo(tmp_path, monkeypatch) -> np.ndarray:
    """`dark.png` in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    photo = load_sample("coffee")[0][:32, :48]
    save_image("dark.png", photo)
    return photo


@pytest.mark.parametrize("kind", quick(["folder", "weights", "keras"], first=1))
def test_enhance(own, net, photo, capsys, kind):
    assert main(["enhance", "dark.png", "-o", "out.png", "--weights", own[kind]]) == 0
    assert "4 channels, 1 x 1 blocks, 2 streams" in capsys.readouterr().err
    np.testing.assert_array_equal(load_image("out.png"), enhance(net, photo))


COMMANDS = {
    "figure": ["figure", "skff", "dark.png", "-o", "out.png"],
    "components": ["components", "--size", "32x32"],
    "ablate": ["ablate", "dark.png", "--side", "16", "--only", "skip"],
    "receptive": ["receptive", "dark.png", "-o", "out.png", "--side", "16"],
    "evaluate": ["evaluate", "--data", "DATA", "--resize", "16"],
    "quantize": ["quantize", "--float32", "--size", "16x16", "-o", "out.tflite"],
}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["folder", "keras"])
def test_every_other_command(own, photo, data, capsys, command, kind):
    if command == "ablate":
        assert main(["ablate", "--list", "--weights", own[kind]]) == 0
        COMMANDS["ablate"][-1] = capsys.readouterr().out.split()[0]
    argv = [str(data) if word == "DATA" else word for word in COMMANDS[command]]
    assert main([*argv, "--weights", own[kind]]) == 0
    assert "4 channels, 1 x 1 blocks, 2 streams" in capsys.readouterr().err
    written = Path(argv[argv.index("-o") + 1]) if "-o" in argv else None
    assert written is None or written.stat().st_size > 1000


@pytest.mark.parametrize("command", quick(["enhance", *COMMANDS], first=1))
def test_another_preset_is_one_line(own, photo, data, capsys, command):
    words = COMMANDS.get(command, ["enhance", "dark.png", "-o", "o.png"])
    argv = [str(data) if word == "DATA" else word for word in words]
    assert main([*argv, "--weights", own["folder"], "--preset", "1x1"]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]
    assert "net.weights.h5 holds the weights of another network than the one asked for (channels 4 and not 64" in line
    assert not Path("o.png").exists() and not Path("out.png").exists() and not Path("out.tflite").exists()


def test_components_of_weights(own, net, capsys):
    assert main(["components", "--weights", own["folder"], "--size", "32x32", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["weights"] == "run" and "preset" not in found
    assert found["cost"]["parameters"] == net.count_params()


@pytest.mark.slow
def test_the_run_that_the_boards_model_was_made_of(board, tmp_path, monkeypatch, data, capsys):
    """`layers` and `evaluate --float` take the run folder; the model's network and that of the weights must agree."""
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    Path("run/net.weights.h5").write_bytes(Path(board.weights).read_bytes())
    Path("run/run.json").write_text(json.dumps({"network": board.net.config.to_dict()}))
    argv = ["evaluate", "--data", str(data), "--weights", board.model, "--float", "run", "--frame", "qqvga"]
    assert main([*argv, "--json", "scores.json"]) == 0
    assert json.loads(Path("scores.json").read_text())["about"]["float"]["name"] == "net.weights.h5"
    assert main(["layers", board.model, "--weights", "run", "--count", "8", "--top", "2"]) == 0
    capsys.readouterr()
    assert main(["layers", "nano", "--weights", "run"]) == 2
    assert "than the one asked for (channels 4 and not 12, stem 10 and not 5)" in capsys.readouterr().err


@pytest.mark.slow
def test_from_the_training_to_the_photo(photo, data):
    """Two commands, and no word of the size in the second."""
    how = ["--preset", "1x1", "--channels", "4", "--steps", "2", "--batch", "1", "--crop", "16"]
    assert main(["train", "--data", str(data), *how, "-o", "run"]) == 0
    assert main(["enhance", "dark.png", "--weights", "run/net.weights.h5", "-o", "a.png"]) == 0
    assert main(["enhance", "dark.png", "--weights", "run", "-o", "b.png"]) == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


@pytest.mark.parametrize(
    ("argv", "size", "config"),
    quick(
        [
            ([], "desk", PRESETS["desk"]),
            (["--channels", "4"], "desk", PRESETS["desk"].replace(channels=4)),
            (["--init-from", "OWN"], "own size", OWN),
            (["--init-from", "desk"], "desk", PRESETS["desk"]),
            (["--init-from", "nano-float", "--frame", "qqvga"], "nano", PRESETS["nano"]),
        ],
        first=3,
    ),
)
def test_a_training_starts_with_the_network_of_its_first_weights(own, tmp_path, argv, size, config):
    given = ["train", "--data", "pairs", "-o", "run", "--steps", "2", *argv]
    given = [own["folder"] if word == "OWN" else word for word in given]
    order = new_order(build_parser(find_commands()).parse_args(given), tmp_path / "run")
    assert (order.size, order.config) == (size, config)


def test_a_training_from_other_weights_is_refused(own, data, capsys):
    argv = ["train", "--data", str(data), "--steps", "1", "-o", str(data.parent / "no")]
    assert main([*argv, "--init-from", own["folder"], "--channels", "8"]) == 2
    assert "(channels 4 and not 8)" in capsys.readouterr().err
    assert not (data.parent / "no").exists()


WITHOUT_KERAS = """
import sys
from explain.cli.main import main
code = main(sys.argv[1:])
print(code, [name for name in ("keras", "tensorflow", "matplotlib") if name in sys.modules])
"""


@pytest.mark.parametrize(
    "argv",
    quick(
        [
            ["enhance", "missing.png", "-o", "x.png"],
            ["enhance", "dark.png", "--weights", "missing", "-o", "x.png"],
            ["enhance", "empty", "-o", "x"],
            ["figure", "skff", "missing.png", "-o", "x.png"],
            ["receptive", "missing.png", "-o", "x.png"],
            ["ablate", "missing.png"],
            ["components", "--weights", "missing.keras"],
            ["quantize", "--weights", "missing", "-o", "x.tflite"],
            ["app", "--weights", "missing"],
        ],
        first=2,
    ),
    ids=" ".join,
)
def test_a_wrong_path_is_told_before_keras_is_imported(photo, argv):
    """Which takes some seconds of the ten that it took."""
    Path("empty").mkdir()
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{WITHOUT_KERAS}"
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 []"
    assert done.stderr.count("mirnet: error:") == 1


def test_no_help_shows_a_doubled_percent_sign(capsys):
    """argparse formats the help of an option, and a description only if it names the program."""
    commands = find_commands()
    assert len(commands) > 15
    for name in commands:
        with pytest.raises(SystemExit):
            build_parser(commands).parse_args([name, "--help"])
        shown = capsys.readouterr().out
        assert "%%" not in shown and f"mirnet {name}" in shown
