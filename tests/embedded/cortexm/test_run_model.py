"""A network on the emulated board: its picture, and where its instructions go."""

import shutil
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.budget.boards import BOARDS
from embedded.budget.fit import fit
from embedded.cortexm.c_call import BoardError
from embedded.cortexm.program import OUTBOX
from embedded.cortexm.qemu_board import QemuBoard
from embedded.cortexm.run_model import OnBoard
from embedded.cortexm.toolchain import STACK, BuildError, build
from embedded.cortexm.unicorn_board import EmulatedBoard
from embedded.models.shipped_models import NANO, SHA256, model_file
from embedded.tflite.model_hash import HASH_BYTES
from embedded.tflite.naming import PARTS
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS

KB = 1024
RESOLUTION = 10  # instructions: QEMU's timer ticks once in five of them

SENDER = """
#include <stdint.h>
extern uint8_t board_outbox[];
void send(uint32_t place, uint32_t value) { board_outbox[place] = (uint8_t)value; }
uint32_t look(uint32_t place) { return board_outbox[place]; }
void quiet(void) {}
"""


@pytest.fixture(scope="module")
def tools(require):
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")


@pytest.fixture(scope="module")
def onboard(small, tools) -> OnBoard:
    return OnBoard(small.quantized.model, "zig")


@pytest.fixture(scope="module")
def answer(onboard, frames):
    return onboard.restore(frames[0])


@pytest.mark.slow
def test_the_picture_is_the_emulators(onboard, answer, small, frames):
    np.testing.assert_array_equal(answer.picture, small.emulator.restore(frames[0]))
    assert answer.picture.std() > 1  # a picture
    other = onboard.restore(frames[1], count=False)
    np.testing.assert_array_equal(other.picture, small.emulator.restore(frames[1]))
    assert (other.operators, other.by_kind, other.instructions) == ((), [], 0)


@pytest.mark.slow
def test_every_instruction_is_accounted_for(answer, onboard, small):
    assert len(answer.operators) == len(small.emulator.graph.operators)
    told = sum(each.instructions for each in answer.operators)
    assert answer.instructions == told + answer.pixels_in + answer.pixels_out
    assert answer.run.instructions == answer.instructions + answer.handing_over
    assert min(answer.pixels_in, answer.pixels_out) > ROWS * COLUMNS * 3  # at least one for each number
    assert 0 < answer.handing_over < 0.05 * answer.instructions
    assert sum(answer.run.by_function.values()) == answer.run.instructions


def test_operators_come_in_the_order_of_the_plan(answer, small, onboard):
    expected = fit(small.quantized.model, BOARDS["nano33ble"])
    assert [each.work for each in answer.operators] == list(expected.works)
    assert [each.step for each in answer.operators] == list(range(len(expected.works)))
    assert answer.macs == expected.macs
    assert {each.part for each in answer.operators} == set(PARTS)
    heaviest = max(answer.operators, key=lambda each: each.instructions)
    assert heaviest.kind.startswith("CONV_2D")
    assert heaviest.work.macs > np.mean([each.work.macs for each in answer.operators])


def test_kinds_add_up(answer):
    kinds = answer.by_kind
    assert sum(kind.instructions for kind in kinds) == answer.instructions
    assert sum(kind.operators for kind in kinds) == len(answer.operators)
    assert sum(kind.macs for kind in kinds) == answer.macs
    assert [kind.instructions for kind in kinds] == sorted((kind.instructions for kind in kinds), reverse=True)
    for kind in kinds:
        assert sum(kind.by_part.values()) == kind.instructions
        assert kind.unit == ("MAC" if "CONV_2D" in kind.name else "element")
        assert kind.each == pytest.approx(kind.instructions / (kind.macs or kind.elements))
    named = {kind.name: kind for kind in kinds}
    assert named["camera's bytes in"].instructions == answer.pixels_in
    assert named["picture's rows out"].instructions == answer.pixels_out
    assert {"CONV_2D 3x3", "CONV_2D 1x1", "CONV_2D 5x5", "DEPTHWISE_CONV_2D 3x3"} <= set(named)
    assert named["CONV_2D 5x5"].by_part.keys() == {"dual attention"}  # the spatial attention


def test_steps_are_told_as_they_come(onboard, frames):
    steps: list[int] = []
    onboard.restore(frames[0], count=False, tell=steps.append)
    count = len(onboard.steps)
    assert steps[: count + 1] == list(range(count + 1))
    assert steps.count(count + 1) == ROWS  # a row is handed over


def test_ctrl_c_comes_through(onboard, frames):
    def press(_step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        onboard.restore(frames[0], count=False, tell=press)


def test_qemu_gives_the_same(onboard, answer, frames, require):
    require(shutil.which("qemu-system-arm"), "needs qemu-system-arm: apt-get install qemu-system-arm")
    theirs = onboard.restore_in_qemu(frames[0])
    np.testing.assert_array_equal(theirs.picture, answer.picture)
    assert abs(theirs.run.instructions - answer.run.instructions) <= RESOLUTION
    assert theirs.run.peak_stack == answer.run.peak_stack


@pytest.mark.parametrize("frame", [np.zeros((120, 160, 3), "uint8"), np.zeros((120, 160, 2), "int16")])
def test_no_frame_is_refused(onboard, frame):
    with pytest.raises(MirnetError, match=r"give uint8 of shape \(120, 160, 2\)"):
        onboard.restore(frame)


@pytest.mark.slow
def test_one_kilobyte_less_than_nano_needs_is_refused(tools):
    """By the linker script: the same program that fits what it needs, rounded up, does not fit a kilobyte less."""
    model = model_file(NANO).read_bytes()
    found = OnBoard(model, "zig")
    assert SHA256.startswith(found.digest) and len(found.digest) == 2 * HASH_BYTES
    needed = -(-(found.program.ram_bytes + STACK) // KB) * KB
    assert OnBoard(model, "zig", ram=needed).program.ram_bytes == found.program.ram_bytes
    with pytest.raises(
        BuildError, match=rf"does not fit the {needed - KB - STACK} bytes of ram .*\.bss ends \d+ bytes?"
    ):
        OnBoard(model, "zig", ram=needed - KB)


@pytest.fixture(scope="module")
def sender(tools):
    return build({"sender.c": SENDER}, ["send", "look", "quiet"], "zig")


@pytest.fixture(params=[EmulatedBoard, QemuBoard])
def board(request, sender, require):
    if request.param is QemuBoard:
        require(shutil.which("qemu-system-arm"), "needs qemu-system-arm: apt-get install qemu-system-arm")
    return request.param(sender)


def test_the_outbox_holds_what_the_last_call_sent(board):
    board.call("send", 3, 7)
    assert board.read("board_outbox", 5) == bytes([0, 0, 0, 7, 0])
    board.call("send", OUTBOX - 1, 9)
    assert board.read("board_outbox", OUTBOX) == bytes(OUTBOX - 1) + bytes([9])
    board.call("quiet")
    assert not any(board.read("board_outbox", OUTBOX))
    with pytest.raises(MirnetError, match="outside the flash and the RAM"):
        board.read("board_outbox", OUTBOX + 1)
    with pytest.raises(MirnetError, match="outside the RAM"):
        board.write("board_outbox", b"1")


def test_the_outbox_is_no_memory(sender):
    board = EmulatedBoard(sender)
    with pytest.raises(BoardError, match=r"look.* reads 1 bytes at 0x210000, where there is neither flash nor RAM"):
        board.call("look", 0)
    with pytest.raises(BoardError, match=r"send.* writes 1 bytes at 0x220000"):
        board.call("send", OUTBOX, 1)
    assert board.call("send", 1, 1, watch=True).written == ()  # no RAM, nor stack


def test_a_program_that_sends_nothing_has_no_outbox(tools):
    program = build({"c.c": "void poke(int *place) { *place = 1; }"}, ["poke"], "zig")
    assert not program.sends and program.ram_bytes == 0
    with pytest.raises(BoardError, match="writes 4 bytes at 0x210000, where there is neither"):
        EmulatedBoard(program).call("poke", 0x210000)
