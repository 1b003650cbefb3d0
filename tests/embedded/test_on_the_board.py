"""The generated network on the emulated Cortex-M4: the emulator's bytes, and within the board's memory."""

from importlib.util import find_spec

import numpy as np
import pytest

from embedded.board import FRAME_BYTES
from embedded.codegen import generate
from embedded.emulator import Emulator
from embedded.shipped import NANO, model_file
from explain.frames import dark_frames
from model.pixels import COLUMNS, ROWS, rgb_to_yuv422

PICTURE = ROWS * COLUMNS * 3
RAM, FLASH = 176 * 1024, 600 * 1024  # our targets, see embedded.board

# The rows of the picture are sent as they come. Here a checksum stands for sending them: the picture itself would not
# fit beside the frame and the network.
MAIN_C = """
#include "mirnet_restore.h"
uint8_t frame[MIRNET_FRAME_BYTES];
uint32_t checksum;
static void row(int y, const uint8_t *rgb, void *context) {
  (void)y, (void)context;
  for (int k = 0; k < MIRNET_ROW_BYTES; ++k) checksum = checksum * 31u + rgb[k];
}
void restore(void) {
  checksum = 0;
  mirnet_restore(frame, row, 0);
}
"""


def checksum(picture: np.ndarray) -> int:
    found = 0
    for value in picture.ravel().tolist():
        found = (found * 31 + value) & 0xFFFFFFFF
    return found


def board_of(model: bytes, compiler: str, dsp: bool = True):
    from embedded.cortexm import EmulatedBoard
    from embedded.toolchain import build

    program = build(
        {**generate(model, dsp), "main.c": MAIN_C},
        keep=["restore", "frame", "checksum", "mirnet_step"],
        compiler=compiler,
    )
    return program, EmulatedBoard(program, step_symbol="mirnet_step")


@pytest.fixture(params=["gcc", "zig"])
def compiler(request, require) -> str:
    import shutil

    require(find_spec("unicorn"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    if request.param == "gcc":
        require(shutil.which("arm-none-eabi-gcc"), "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi")
    else:
        require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")
    return request.param


@pytest.mark.parametrize("dsp", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_small_network_gives_the_same_bytes(small, frames, compiler, dsp):
    _, board = board_of(small.quantized.model, compiler, dsp)
    for frame in frames[: 3 if dsp else 1]:
        board.write("frame", frame.tobytes())
        run = board.call("restore", limit=200_000_000)
        assert int.from_bytes(board.read("checksum", 4), "little") == checksum(small.emulator.restore(frame))
    operators = len(small.emulator.graph.operators)
    counted = {step for step in run.by_step if 0 <= step < operators}
    assert len(counted) > 0.95 * operators  # each operator by itself; those that move nothing take next to nothing
    assert sum(run.by_step.values()) == run.instructions
    assert run.peak_stack < 2048


def test_every_access_is_as_the_processor_wants_it(small, frames, compiler):
    """Alignment, which the emulator overlooks unless it watches; and nothing is written but what the linker placed."""
    program, board = board_of(small.quantized.model, compiler)
    board.write("frame", frames[0].tobytes())
    run = board.call("restore", limit=200_000_000, watch=True)
    assert int.from_bytes(board.read("checksum", 4), "little") == checksum(small.emulator.restore(frames[0]))
    assert sum(len(stretch) for stretch in run.written) <= program.ram_bytes + run.peak_stack + 64


@pytest.mark.slow
def test_nano_gives_the_same_bytes_and_stays_within_its_memory(compiler):
    rng = np.random.default_rng(2)
    frames = [rgb_to_yuv422(picture) for picture in dark_frames(None, None, 42)]
    frames += [rng.integers(0, top, (ROWS, COLUMNS, 2)).astype(np.uint8) for top in (1, 4, 64, 256) * 2]
    emulator = Emulator(model_file(NANO))
    program, board = board_of(model_file(NANO).read_bytes(), compiler)
    assert len(frames) == 50
    for frame in frames:
        board.write("frame", frame.tobytes())
        board.call("restore", limit=10**9, count=False)
        assert int.from_bytes(board.read("checksum", 4), "little") == checksum(emulator.restore(frame))
    run = board.call("restore", limit=10**9)
    assert program.ram_bytes + run.peak_stack <= RAM and program.ram_bytes > FRAME_BYTES
    assert program.flash_bytes <= FLASH
    macs = 41_292_816  # by explain.costs' rule, the fixed blur included
    assert run.instructions <= 3.0 * macs
