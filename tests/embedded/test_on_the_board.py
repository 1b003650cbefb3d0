"""The generated network on the emulated Cortex-M4: the emulator's bytes, and within the board's memory."""

import shutil
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.board import BOARDS, FRAME_BYTES
from embedded.emulator import Emulator
from embedded.onboard import OnBoard
from embedded.shipped import NANO, model_file
from explain.frames import dark_frames
from model.pixels import COLUMNS, ROWS, rgb_to_yuv422

MOST_STACK = 2048
PER_MAC = 3.0  # instructions, from the camera's bytes to the rows of the picture


@pytest.fixture(params=["gcc", "zig"])
def compiler(request, require) -> str:
    require(find_spec("unicorn"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    if request.param == "gcc":
        require(shutil.which("arm-none-eabi-gcc"), "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi")
    else:
        require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")
    return request.param


@pytest.mark.parametrize("dsp", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_small_network_gives_the_same_bytes(small, frames, compiler, dsp):
    onboard = OnBoard(small.quantized.model, compiler, dsp=dsp)
    for frame in frames[: 3 if dsp else 1]:
        answer = onboard.restore(frame)
        np.testing.assert_array_equal(answer.picture, small.emulator.restore(frame))
    counted = [each for each in answer.operators if each.instructions]
    assert len(counted) > 0.95 * len(answer.operators)  # each by itself; those that move nothing take next to nothing
    assert answer.run.peak_stack < MOST_STACK


def test_every_access_is_as_the_processor_wants_it(small, frames, compiler):
    """Alignment, which the emulator overlooks unless it watches; and nothing is written but what the linker placed."""
    onboard = OnBoard(small.quantized.model, compiler)
    answer = onboard.restore(frames[0], watch=True)
    np.testing.assert_array_equal(answer.picture, small.emulator.restore(frames[0]))
    written = sum(len(stretch) for stretch in answer.run.written)
    assert written <= onboard.program.ram_bytes + answer.run.peak_stack + 64


@pytest.mark.slow
def test_nano_gives_the_same_bytes_and_stays_within_its_memory(compiler):
    rng = np.random.default_rng(2)
    frames = [rgb_to_yuv422(picture) for picture in dark_frames(None, None, 42)]
    frames += [rng.integers(0, top, (ROWS, COLUMNS, 2)).astype(np.uint8) for top in (1, 4, 64, 256) * 2]
    emulator = Emulator(model_file(NANO))
    onboard = OnBoard(emulator.model, compiler)
    assert len(frames) == 50
    for frame in frames:
        np.testing.assert_array_equal(onboard.restore(frame, count=False).picture, emulator.restore(frame))
    answer, program, board = onboard.restore(frames[0]), onboard.program, BOARDS["nano33ble"]
    assert FRAME_BYTES < program.ram_bytes + answer.run.peak_stack <= board.ram.value
    assert program.flash_bytes <= board.flash.value
    assert answer.macs == 41_292_816  # by explain.costs' rule, the fixed blur included
    assert answer.instructions <= PER_MAC * answer.macs
