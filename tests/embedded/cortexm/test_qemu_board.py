"""QEMU's Cortex-M4 beside the emulated board: the same program, the same results, the same counts."""

import shutil
from importlib.util import find_spec

import pytest

from embedded.cortexm import qemu_board
from embedded.cortexm.c_call import BoardError
from embedded.cortexm.program import RAM_START
from embedded.cortexm.qemu_board import QemuBoard
from embedded.cortexm.toolchain import STACK, build
from embedded.cortexm.unicorn_board import EmulatedBoard
from model.errors import MirnetError

RESOLUTION = 10  # instructions: two readings of a timer that ticks once in five of them, and the harness
SOURCE = """
#include <stdint.h>
#include <string.h>
int8_t frame[512] = {5, 4, 3};
int32_t totals[16];
float ratio;
int32_t order(int32_t a, int32_t b, int32_t c, int32_t d) { return a + 10 * b + 100 * c + 1000 * d; }
static int32_t smlad(uint32_t x, uint32_t y, int32_t s) {
  int32_t r; __asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(s)); return r;
}
int32_t run(int32_t times) {
  int32_t all = 0;
  for (int32_t k = 0; k < times; k++) {
    for (int32_t i = 0; i < 512; i += 4) {
      uint32_t four; memcpy(&four, frame + i, 4);
      all = smlad(four, four + (uint32_t)k, all);
      if (all & 1) all ^= k; /* an IT, or a jump */
    }
    totals[k & 15] = all;
    frame[k & 511] = (int8_t)all;
  }
  ratio = (float)all / 3.0f;
  return all;
}
int32_t deep(int32_t n) { volatile int32_t here[8]; here[n & 7] = n; return n ? deep(n - 1) + here[n & 7] : 0; }
void endless(void) { for (;;) __asm__ volatile("nop"); }
void undefined(void) { __asm__ volatile("udf #7"); }
void service(void) { __asm__ volatile("svc #7"); }
int32_t jump(int32_t address) { return ((int32_t(*)(void))address)() + 1; }
int32_t load(int32_t address) { return *(volatile int32_t *)address; }
__attribute__((naked)) int32_t pair(void) { __asm__ volatile("ldrd r0, r1, [r0]\\n bx lr"); }
"""
KEEP = "frame totals ratio order run deep endless undefined service jump load pair".split()


@pytest.fixture(scope="session", params=["zig", pytest.param("gcc", marks=pytest.mark.slow)])
def program(request, require):
    require(shutil.which("qemu-system-arm"), "needs qemu-system-arm: apt-get install qemu-system-arm")
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn and capstone: pip install unicorn capstone")
    require(request.param != "zig" or find_spec("ziglang"), "needs ziglang: pip install ziglang")
    require(
        request.param != "gcc" or shutil.which("arm-none-eabi-gcc"),
        "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi",
    )
    return build({"c.c": SOURCE}, KEEP, request.param)


@pytest.fixture
def boards(program) -> tuple[QemuBoard, EmulatedBoard]:
    return QemuBoard(program), EmulatedBoard(program)


@pytest.mark.parametrize("function, number", [("run", 1), ("run", 700), ("deep", 20), ("deep", 100)])
def test_both_emulators_agree(boards, function, number):
    values = bytes(range(256)) * 2
    for board in boards:
        assert board.read("frame", 4) == bytes([5, 4, 3, 0])
        board.write("frame", values)
    theirs, ours = (board.call(function, number) for board in boards)
    assert theirs.result == ours.result
    assert theirs.peak_stack == ours.peak_stack > 0
    assert abs(theirs.instructions - ours.instructions) <= RESOLUTION
    variables = boards[0].program.ram_bytes
    memory = [board.read(RAM_START + STACK, variables) for board in boards]
    assert memory[0] == memory[1]
    assert function != "run" or any(boards[0].read("totals", 64))  # it did write


def test_state_lasts_from_call_to_call(boards):
    for _ in range(2):
        theirs, ours = (board.call("run", 3) for board in boards)
        assert theirs.result == ours.result
    first = boards[0].read("totals", 64)
    boards[0].reset()
    boards[0].call("run", 3)
    assert boards[0].read("totals", 64) != first  # the second run began where the first had ended


def test_arguments_and_memory(boards):
    board = boards[0]
    assert board.call("order", -1, 2, 3, 4).result == 4319
    assert board.call("load", board.address("frame")).result == 0x00030405
    assert board.read("order", 2) == boards[1].read("order", 2)  # flash
    assert board.read(0xFFFF0, 8) == b"\xff" * 8
    with pytest.raises(MirnetError, match="frame has 512 bytes"):
        board.write("frame", bytes(513))


@pytest.mark.parametrize(
    "function, argument, message",
    [
        ("undefined", 0, "a fault at undefined.*: an instruction that the Cortex-M4 does not have"),
        ("service", 0, "a fault at service"),
        ("jump", 0, "a fault at 0x0: a jump to an even address"),
        ("jump", 0x5000_0001, "a fault at 0x50000000: a jump to where no code can be"),
        ("load", 0x5000_0000, "a fault at load.*: an access to 0x50000000, where there is no memory"),
        ("pair", RAM_START + STACK + 2, "a fault at pair: several words .* no multiple of 4"),
    ],
)
def test_faults(boards, function, argument, message):
    with pytest.raises(BoardError, match=message):
        boards[0].call(function, argument)
    assert boards[0].call("order", 1, 2, 3, 4).result == 4321


def test_an_endless_loop_is_stopped(boards):
    with pytest.raises(BoardError, match="endless has not returned after 1 seconds"):
        boards[0].call("endless", seconds=1)


def test_a_missing_qemu_is_told(program, monkeypatch):
    monkeypatch.setattr(qemu_board.shutil, "which", lambda name: None)
    with pytest.raises(MirnetError, match="qemu-system-arm is not on the PATH"):
        QemuBoard(program)
