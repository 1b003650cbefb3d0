"""The generated network on the emulated Cortex-M4: the emulator's bytes, and within the board's memory."""

import re
import shutil
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.budget.boards import BOARDS, FRAME_BYTES
from embedded.budget.fit import fit
from embedded.budget.flash import network_flash
from embedded.codegen.generate import generate
from embedded.cortexm.run_model import OnBoard
from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file

MOST_STACK = 2048
PER_MAC = 1.4  # instructions, from the camera's bytes to the rows of the picture


def scratch_bytes(model: bytes) -> int:
    """What the kernels of the generated C have for themselves."""
    found = re.search(r"MIRNET_SCRATCH_BYTES (\d+)", generate(model)["mirnet_network.h"])
    return int(found[1])


@pytest.fixture(params=["zig", pytest.param("gcc", marks=pytest.mark.slow)])
def compiler(request, require) -> str:
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    if request.param == "gcc":
        require(shutil.which("arm-none-eabi-gcc"), "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi")
    else:
        require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")
    return request.param


@pytest.mark.parametrize("dsp", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_small_network_gives_the_same_bytes(small, frames, compiler, dsp):
    onboard = OnBoard(small.quantized.model, compiler, dsp=dsp)
    for frame in frames[: 3 if dsp else 1]:
        answer = onboard.restore(frame)
        np.testing.assert_array_equal(answer.picture, small.emulator.restore(frame))
    counted = [each for each in answer.operators if each.instructions]
    assert len(counted) > 0.95 * len(answer.operators)  # each by itself; those that move nothing take next to nothing
    assert answer.run.peak_stack < MOST_STACK


@pytest.mark.slow
def test_the_portable_kernels_are_counted_and_give_the_same_bytes(frames, require):
    """Of the shipped model, by GCC: hooks of reads alone made unicorn give it wrong values."""
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    require(shutil.which("arm-none-eabi-gcc"), "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi")
    emulator = Emulator(model_file(NANO))
    answer = OnBoard(emulator.model, "gcc", dsp=False).restore(frames[0])
    np.testing.assert_array_equal(answer.picture, emulator.restore(frames[0]))
    assert answer.run.flash_reads > 0


@pytest.mark.slow
def test_every_access_is_as_the_processor_wants_it(small, frames, compiler):
    """Alignment, which the emulator overlooks unless it watches; and nothing is written but what the linker placed."""
    onboard = OnBoard(small.quantized.model, compiler)
    answer = onboard.restore(frames[0], watch=True)
    np.testing.assert_array_equal(answer.picture, small.emulator.restore(frames[0]))
    written = sum(len(stretch) for stretch in answer.run.written)
    assert written <= onboard.program.ram_bytes + answer.run.peak_stack + 64


@pytest.mark.slow
def test_nano_gives_the_same_bytes_and_stays_within_its_memory(compiler, fifty):
    emulator, board = Emulator(model_file(NANO)), BOARDS["nano33ble"]
    onboard = OnBoard(emulator.model, compiler)
    for frame in fifty:
        np.testing.assert_array_equal(onboard.restore(frame, count=False).picture, emulator.restore(frame))
    answer, program = onboard.restore(fifty[0]), onboard.program
    assert FRAME_BYTES < program.ram_bytes + answer.run.peak_stack <= board.ram.value
    assert program.flash_bytes <= board.flash.value
    assert answer.macs == 41_292_816  # by explain.tracing.costs' rule, the fixed blur included
    assert answer.instructions <= PER_MAC * answer.macs
    # What `mirnet fit` says without compiling: it is made of such counts.
    expected = fit(emulator.model, board)
    assert sum(work.instructions for work in expected.works) == pytest.approx(answer.instructions, rel=0.1)
    likely = sum(work.cycles.likely for work in expected.works)
    assert likely == pytest.approx(answer.cycles.likely, rel=0.1)
    assert expected.time.lowest < answer.cycles.likely / board.clock_hz.value < expected.time.highest
    assert sum(network_flash(expected.graph).values()) == pytest.approx(program.flash_bytes, rel=0.05)
    assert expected.lines[0].parts["kernels"] == scratch_bytes(emulator.model)
