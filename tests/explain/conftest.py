"""What several commands are tried on: the samples as pairs, and a small network of the board with its model."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from unittest.mock import patch

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from small_board import SMALL, small_board

from embedded.codegen.generate import generate
from embedded.link import simulated_board as simboards
from embedded.link.simulated_board import TIMED, SimulatedBoard, c_compiler, compile_board, run_board
from embedded.quantize.quantize import Quantized
from embedded.tflite.model_hash import hash_of
from model import zoo
from model.config import PRESETS
from model.mirnet import MIRNet
from model.samples import SAMPLES

MAY_TOUCH = 1.0  # pixels: letters' boxes have a little air inside


class Board(NamedTuple):
    """A network, and what `mirnet quantize` makes of it: `m.tflite`, `m.hooks.json` and `m.weights.h5` in a folder."""

    net: MIRNet
    quantized: Quantized
    folder: Path

    @property
    def model(self) -> str:
        """The .tflite file."""
        return str(self.folder / "m.tflite")

    @property
    def weights(self) -> str:
        """The file of weights."""
        return str(self.folder / "m.weights.h5")


@pytest.fixture(scope="session")
def board(tmp_path_factory) -> Board:
    net, quantized = small_board(tmp_path_factory)
    found = Board(net, quantized, tmp_path_factory.mktemp("board"))
    Path(found.model).write_bytes(quantized.model)
    quantized.hooks.save(found.folder / "m.hooks.json")
    net.save_weights(found.weights)
    return found


@pytest.fixture(scope="session")
def needs_simboard(require, tmp_path_factory) -> Iterator[None]:
    """What a simulated board needs: a C compiler, and pseudo-terminals. No network is compiled twice."""
    require(c_compiler(), "needs a C compiler: apt-get install gcc")
    try:
        ends = os.openpty()
    except (AttributeError, OSError):
        ends = ()
    for descriptor in ends:
        os.close(descriptor)
    require(ends, "needs pseudo-terminals")
    programs, place = {}, tmp_path_factory.mktemp("simboards")

    def compiled_once(network, folder, *how):
        what = repr((sorted(network.items()), how, simboards.c_compiler()))
        if what not in programs:
            programs[what] = shutil.copy(compile_board(network, folder, *how), place / str(len(programs)))
        return programs[what]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(simboards, "compile_board", compiled_once)
        yield


@pytest.fixture(scope="session")
def simboard(board, needs_simboard, tmp_path_factory) -> Callable[..., AbstractContextManager[SimulatedBoard]]:
    """`simboard(damage="", timed=True, **how)`: runs the network of `board` as a simulated board, see `run_board`.

    `damage` is C that runs before row `y` of a picture is handed over: it may change its bytes, `rgb`, or `continue`,
    and `run` counts the pictures from 1. The pattern of a self-test is neither counted nor damaged.
    """
    sources = generate(board.quantized.model)

    @cache
    def program(damage: str, timed: bool) -> Path:
        hand_over = "    row(y, rgb, context);"
        assert hand_over in sources["mirnet_restore.c"]
        pattern = "frame[0] == 0 && frame[1] == 48 && frame[2] == 1 && frame[3] == 68"
        counted = f"    static int run;\n    const int tests = {pattern};\n    run += y == 0 && !tests;\n"
        spoilt = f"{counted}    if (!tests) {{ {damage} }}\n{hand_over}"
        text = "#include <stdlib.h>\n" + sources["mirnet_restore.c"].replace(hand_over, spoilt)
        network = sources | {"mirnet_restore.c": text}
        return compile_board(network, tmp_path_factory.mktemp("simboard"), TIMED if timed else None)

    def start(damage: str = "", timed: bool = True, **how) -> AbstractContextManager[SimulatedBoard]:
        return run_board(program(damage, timed), **{"model_hash": hash_of(board.quantized.model), **how})

    return start


_loaded = cache(zoo.load_network)


@pytest.fixture(scope="module")
def loaded_once() -> Iterator[None]:
    """Commands that leave a network as it is share it instead of making it again."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zoo, "load_network", _loaded)
        yield


@pytest.fixture
def small_preset(monkeypatch) -> str:
    """The name of a preset for the network of `board`."""
    monkeypatch.setitem(PRESETS, "small", SMALL)
    return "small"


@pytest.fixture(scope="session")
def sample_pairs(tmp_path_factory) -> Path:
    """The samples as a folder of pairs, to be read only."""
    folder = tmp_path_factory.mktemp("samples") / "pairs"
    for side in ("low", "high"):
        (folder / side).mkdir(parents=True)
    for sample in SAMPLES:
        (folder / "low" / f"{sample.name}.webp").write_bytes(sample.dark.read_bytes())
        (folder / "high" / f"{sample.name}.webp").write_bytes(sample.reference.read_bytes())
    return folder


@pytest.fixture
def data(sample_pairs, tmp_path, monkeypatch) -> Path:
    """The samples as a folder of pairs that a test may change, and a cache that goes with the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return shutil.copytree(sample_pairs, tmp_path / "pairs")


@pytest.fixture(scope="session")
def hostile() -> ModuleType:
    """The module with files that people should not upload, and that may be uploaded nevertheless."""
    spec = importlib.util.spec_from_file_location("hostile", Path(__file__).parent / "app" / "hostile.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def crowded() -> Callable[[Figure], list]:
    """Words of a figure that touch each other or leave it; a figure without words has not been drawn."""
    return _crowded


def _crowded(figure: Figure) -> list:
    boxes, draw_text = [], Text.draw

    def note(text, renderer, *rest, **options):
        if text.get_visible() and text.get_text().strip():
            box = Text.get_window_extent(text, renderer)
            corners = box.x0 + MAY_TOUCH, box.y0 + MAY_TOUCH, box.x1 - MAY_TOUCH, box.y1 - MAY_TOUCH
            boxes.append((text.get_text(), *corners))
        return draw_text(text, renderer, *rest, **options)

    canvas = FigureCanvasAgg(figure)
    with patch.object(Text, "draw", note):
        canvas.draw()
    assert boxes
    width, height = canvas.get_width_height()
    outside = [box[0] for box in boxes if box[1] < 0 or box[2] < 0 or box[3] > width or box[4] > height]
    return outside + [
        (a[0], b[0]) for a, b in combinations(boxes, 2) if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]
    ]
