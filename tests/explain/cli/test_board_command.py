"""`mirnet board`: the picture, the table that adds up, the files, and what is refused."""

import re
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.camera.ov7675 import Camera
from embedded.cortexm import toolchain
from embedded.emulator import Emulator
from explain.cli.main import build_parser, find_commands, main
from model.images.photo_files import load_image, save_image
from model.samples import load_sample


@pytest.fixture(scope="module", autouse=True)
def tools(require):
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")


def run(capsys, board, *argv) -> tuple[int, str, str]:
    model = [] if "--model" in argv else ["--model", board.model]
    code = main(["board", *model, "--weights", board.weights, "--compiler", "zig", *(str(each) for each in argv)])
    return code, *capsys.readouterr()


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.slow
def test_a_frame_on_the_board(capsys, board, tmp_path):
    code, out, err = run(capsys, board, "-o", tmp_path / "new" / "folder", "--operators")
    assert code == 0
    assert "All 57,600 bytes of the picture are the emulator's." in out
    frame = Camera().capture(load_sample("room")[0])
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == ["after.png", "before.png", "board.png"]
    np.testing.assert_array_equal(load_image(folder / "after.png"), Emulator(board.model).restore(frame))
    np.testing.assert_array_equal(load_image(folder / "before.png"), Camera().picture(frame))
    assert load_image(folder / "board.png").shape[1] > 1000
    assert all(f"wrote {path}" in out for path in folder.iterdir())
    assert "\x1b" not in out and "run on the board" in err
    _check_table(out, len(Emulator(board.model).graph.operators))


def _check_table(out: str, count: int) -> None:
    """Lines of kinds and of operators add up to the frame's."""
    pattern = r"([\d,]+) +([\d.]+) +/ (MAC|element) +([\d.]+)% +([\d,]+) +([\d,.]+) ms$"
    rows = [(line, re.search(pattern, line)) for line in out.splitlines() if re.search(pattern, line)]
    (whole,) = [found for line, found in rows if line.startswith("a frame")]
    ends = sum(number(found[1]) for line, found in rows if line.startswith(("camera's bytes in", "picture's rows out")))
    operators = [number(found[1]) for line, found in rows if re.match(r"\d", line)]
    kinds = [number(found[1]) for line, found in rows if re.match(r"[A-Zcp]", line)]
    assert len(operators) == count
    assert sum(operators) + ends == sum(kinds) == number(whole[1])
    macs = number(re.search(r"for each of ([\d,]+) MACs", out)[1])
    assert float(whole[2]) == pytest.approx(number(whole[1]) / macs, abs=0.01)
    cycles = number(whole[5])
    assert sum(number(found[5]) for line, found in rows if re.match(r"[A-Zcp]", line)) == pytest.approx(cycles, abs=20)
    assert float(whole[6].replace(",", "")) == pytest.approx(cycles / 64e6 * 1000, abs=0.1)
    low, likely, high = (
        float(part) for part in re.search(r"about ([\d.]+) s at 64 MHz, ([\d.]+) to ([\d.]+) s", out).group(2, 1, 3)
    )
    assert low < likely < high and likely == pytest.approx(cycles / 64e6, abs=0.01)
    assert "manual of the Cortex-M4" in out and "reads of data from flash" in out
    needed, linked, stack = (
        number(part)
        for part in re.search(
            r"RAM +([\d,]+) B of 180,224 \(176 KB\): ([\d,]+) by the linker.* and ([\d,]+) of stack", out
        ).groups()
    )
    assert needed == linked + stack and linked > 38_400
    assert re.search(r"flash +[\d,]+ B of 614,400 \(600 KB\)", out)


@pytest.mark.slow
def test_a_photo_of_ones_own(capsys, board, tmp_path):
    photo = tmp_path / "photo.png"
    save_image(photo, load_sample("kingfisher")[0])
    code, out, _ = run(capsys, board, photo, "-o", tmp_path, "--theme", "dark")
    assert code == 0
    frame = Camera().capture(load_image(photo))
    np.testing.assert_array_equal(load_image(tmp_path / "after.png"), Emulator(board.model).restore(frame))
    assert "Against the scene in good light" not in out  # nobody knows it
    assert re.search(r"The board's picture is [\d.]+ dB from the float network's\.", out)


@pytest.mark.slow
def test_a_byte_that_differs_is_a_negative_answer(capsys, board, tmp_path, monkeypatch):
    restore = Emulator.restore
    monkeypatch.setattr(Emulator, "restore", lambda self, frame: restore(self, frame) ^ (np.arange(3) == 1))
    code, out, _ = run(capsys, board, "-o", tmp_path)
    assert code == 1
    assert "Not as it should be. 19,200 of 57,600 bytes are not the emulator's." in out
    assert "are the emulator's" not in out
    assert (tmp_path / "board.png").exists()  # to be looked at


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["missing.png"], "missing.png"),
        ([__file__], "not a"),
        (["-o", __file__], "is a file; give a folder"),
        (["--model", "missing.tflite"], "missing.tflite"),
        (["--model", __file__], "no .tflite file"),
        (["--weights", "desk"], "weights of another network"),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_exit_code_2(capsys, board, argv, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, board, *argv)
    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1] and len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []  # nothing was begun


@pytest.mark.slow
def test_what_is_missing_is_told_with_its_command(capsys, board, tmp_path, monkeypatch):
    from embedded.cortexm import unicorn_board

    monkeypatch.setattr(unicorn_board, "_load_unicorn", _missing_unicorn)
    code, _, err = run(capsys, board, "-o", tmp_path)
    assert code == 2 and "pip install 'mirnet-explainer[board]'" in err
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    code, _, err = run(capsys, board, "-o", tmp_path)
    assert code == 2 and "no compiler for the Cortex-M4: pip install 'mirnet-explainer[board]'" in err
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    assert main(["board", "--compiler", "gcc"]) == 2
    assert "apt-get install gcc-arm-none-eabi" in capsys.readouterr().err


def _missing_unicorn():
    from model.errors import MirnetError

    raise MirnetError("the emulated board needs unicorn: pip install 'mirnet-explainer[board]'")


def test_the_defaults():
    args = build_parser(find_commands()).parse_args(["board"])
    assert (args.photo, args.model, args.weights, args.compiler) == (None, "nano", "nano-float", "")
    assert (args.output, args.theme, args.operators) == ("mirnet-board", "light", False)


@pytest.mark.slow
def test_nano_as_it_comes(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["board"]) == 0
    out = capsys.readouterr().out
    assert "for each of 41,292,816 MACs" in out and "All 57,600 bytes" in out
    before, board, floating = (
        float(value) for value in re.search(r"before ([\d.]+) dB, board ([\d.]+) dB, float ([\d.]+) dB", out).groups()
    )
    assert board > before + 10 and abs(board - floating) < 0.5
    assert (tmp_path / "mirnet-board" / "board.png").exists()
