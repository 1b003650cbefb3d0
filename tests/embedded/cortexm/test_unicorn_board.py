"""The emulated Cortex-M4F: does it compute, count and forbid as the real one would?"""

import shutil
import struct
import sys
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.budget.estimate import Estimate
from embedded.cortexm import unicorn_board
from embedded.cortexm.c_call import BEFORE, BoardError
from embedded.cortexm.elf import count_instructions
from embedded.cortexm.program import RAM_START
from embedded.cortexm.timing import NRF52840, REFILL, UNALIGNED_TARGET, ZERO_WAIT
from embedded.cortexm.toolchain import STACK, build
from embedded.cortexm.unicorn_board import EmulatedBoard
from model.errors import MirnetError

RAM = 64 * 1024
RAM_END = RAM_START + RAM
FLASH_END = 1 << 20
LONG = 3000  # instructions without a jump: more than the emulator translates at once

ARITHMETIC = """
#include <stdint.h>
#include <string.h>
#define TWO(name, text) \\
  uint32_t name(uint32_t x, uint32_t y) { uint32_t r; __asm__(text : "=r"(r) : "r"(x), "r"(y)); return r; }
#define ONE(name, text) \\
  uint32_t name(uint32_t x) { uint32_t r; __asm__(text : "=r"(r) : "r"(x)); return r; }
uint64_t sum;
uint32_t smlad(uint32_t x, uint32_t y, uint32_t s) {
  uint32_t r; __asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(s)); return r;
}
void smlald(uint32_t x, uint32_t y) {
  uint32_t low = (uint32_t)sum, high = (uint32_t)(sum >> 32);
  __asm__("smlald %0, %1, %2, %3" : "+r"(low), "+r"(high) : "r"(x), "r"(y));
  sum = (uint64_t)high << 32 | low;
}
TWO(smuad, "smuad %0, %1, %2")
TWO(pkhbt, "pkhbt %0, %1, %2, lsl #16")
TWO(pkhtb, "pkhtb %0, %1, %2, asr #16")
TWO(qadd16, "qadd16 %0, %1, %2")
ONE(sxtb16, "sxtb16 %0, %1")
ONE(sxtb16_ror, "sxtb16 %0, %1, ror #8")
ONE(ssat8, "ssat %0, #8, %1")
ONE(ssat16_asr, "ssat %0, #16, %1, asr #4")

static float real(uint32_t x) { float r; memcpy(&r, &x, 4); return r; }
static uint32_t bits(float x) { uint32_t r; memcpy(&r, &x, 4); return r; }
uint32_t add(uint32_t x, uint32_t y) { return bits(real(x) + real(y)); }
uint32_t multiply(uint32_t x, uint32_t y) { return bits(real(x) * real(y)); }
uint32_t divide(uint32_t x, uint32_t y) { return bits(real(x) / real(y)); }
uint32_t root(uint32_t x) { float r; __asm__("vsqrt.f32 %0, %1" : "=t"(r) : "t"(real(x))); return bits(r); }
uint32_t from_integer(int32_t x) { return bits((float)x); }
"""
ARITHMETIC_NAMES = (
    "sum smlad smlald smuad pkhbt pkhtb qadd16 sxtb16 sxtb16_ror ssat8 ssat16_asr add multiply divide root from_integer"
).split()

BEHAVIOUR = """
#include <stdint.h>
#define NAKED __attribute__((naked))
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
volatile uint32_t step;
int32_t values[64];
int32_t scratch[64];
const int32_t table[4] = {10, 20, 30, 40};

int32_t order(int32_t a, int32_t b, int32_t c, int32_t d) { return a + 10 * b + 100 * c + 1000 * d; }
int32_t load(int32_t address) { return *(volatile int32_t *)address; }
int32_t load_byte(int32_t address) { return *(volatile int8_t *)address; }
void store(int32_t address) { *(volatile int32_t *)address = 1; }
int32_t jump(int32_t address) { return ((int32_t(*)(void))address)() + 1; }
void endless(void) { for (;;) __asm__ volatile("nop"); }
void undefined(void) { __asm__ volatile("udf #7"); }
void breakpoint(void) { __asm__ volatile("bkpt #7"); }
void wait(void) { __asm__ volatile("wfi"); }

/* 2 + 4 n instructions, of 16 and of 32 bits */
NAKED int32_t mixed(void) {
  __asm__ volatile("mov.w r1, #0\\n1: add.w r1, r1, #3\\n subs r0, #1\\n nop\\n bne 1b\\n bx lr");
}
/* 2 + 6 n instructions: those behind IT count whether or not they do anything */
NAKED int32_t conditional(void) {
  __asm__ volatile("movs r1, #0\\n1: tst r0, #1\\n ite eq\\n addeq r1, #1\\n addne.w r1, r1, #2\\n"
                   " subs r0, #1\\n bne 1b\\n bx lr");
}
/* LENGTH + 2 instructions, some of which lie across the ends of pages */
NAKED void straight(void) { __asm__ volatile("nop\\n .rept " TEXT(LENGTH) "\\n adds.w r0, r0, #1\\n .endr\\n bx lr"); }

/* Steps that begin in the middle of a block: 4 + 1 before step 1, then 3, then 2 and 2 more in step 9 again. */
NAKED void steps(void) {
  __asm__ volatile("movw r1, #:lower16:step\\n movt r1, #:upper16:step\\n movs r2, #1\\n nop\\n str r2, [r1]\\n"
                   " nop\\n movs r2, #9\\n str.w r2, [r1]\\n"
                   " nop\\n b 1f\\n1: nop\\n bx lr");
}
/* n words pushed and popped again */
NAKED void deep(void) {
  __asm__ volatile("mov r1, r0\\n1: push {r2}\\n subs r1, #1\\n bne 1b\\n"
                   "2: pop {r2}\\n subs r0, #1\\n bne 2b\\n bx lr");
}
static __attribute__((noinline)) int32_t helper(int32_t x) {
  int32_t s = 0;
  for (int32_t i = 0; i < x; i++) s ^= values[i & 63] * i;
  return s;
}
int32_t outer(int32_t n) {
  int32_t s = 0;
  for (int32_t i = 0; i < n; i++) {
    step = (uint32_t)i;
    scratch[i & 63] = helper(i + 1);
    s += scratch[i & 63] > 50 ? 1 : 2;
  }
  return s;
}
void fill(int32_t from, int32_t count) {
  volatile uint8_t *p = (volatile uint8_t *)values;
  for (int32_t i = 0; i < count; i++) p[from + i] = 0; /* what it holds already */
}
NAKED int32_t pair(void) { __asm__ volatile("ldrd r0, r1, [r0]\\n bx lr"); }
NAKED int32_t several(void) { __asm__ volatile("ldmia r0, {r1, r2}\\n bx lr"); }
NAKED void save_pair(void) { __asm__ volatile("strd r1, r1, [r0]\\n bx lr"); }
NAKED int32_t one_real(void) { __asm__ volatile("vldr s0, [r0]\\n bx lr"); }
"""
BEHAVIOUR_NAMES = (
    "step values scratch table order load load_byte store jump endless undefined breakpoint wait mixed conditional "
    "straight steps deep outer fill pair several save_pair one_real"
).split()

WORD = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 0x7F, 0x80, 0x7FFF8000, 0x80007FFF, 0x80808080, 2**32 - 1])
FLOAT = st.floats(width=32, allow_nan=False)


@pytest.fixture(scope="session", params=["zig", pytest.param("gcc", marks=pytest.mark.slow)])
def compiler(request, require) -> str:
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn and capstone: pip install unicorn capstone")
    require(request.param != "zig" or find_spec("ziglang"), "needs ziglang: pip install ziglang")
    require(
        request.param != "gcc" or shutil.which("arm-none-eabi-gcc"),
        "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi",
    )
    return request.param


@pytest.fixture(scope="session")
def arithmetic(compiler) -> EmulatedBoard:
    return EmulatedBoard(build({"a.c": ARITHMETIC}, ARITHMETIC_NAMES, compiler))


@pytest.fixture(scope="session")
def program(compiler):
    return build({"b.c": BEHAVIOUR}, BEHAVIOUR_NAMES, compiler, ram=RAM, defines={"LENGTH": LONG})


@pytest.fixture
def board(program) -> EmulatedBoard:
    return EmulatedBoard(program, "step")


# What it computes


def signed(value: int, width: int) -> int:
    value &= 2**width - 1
    return value - 2**width if value >> (width - 1) else value


def halves(word: int) -> tuple[int, int]:
    return signed(word, 16), signed(word >> 16, 16)


def packed(low: int, high: int) -> int:
    return (low & 0xFFFF) | (high & 0xFFFF) << 16


def clamped(value: int, width: int) -> int:
    return max(-(2 ** (width - 1)), min(2 ** (width - 1) - 1, value))


def products(x: int, y: int) -> int:
    return sum(a * b for a, b in zip(halves(x), halves(y), strict=True))


EXPECTED = {
    "smuad": products,
    "pkhbt": lambda x, y: packed(x, y),
    "pkhtb": lambda x, y: packed(y >> 16, x >> 16),
    "qadd16": lambda x, y: packed(*(clamped(a + b, 16) for a, b in zip(halves(x), halves(y), strict=True))),
    "sxtb16": lambda x, _: packed(signed(x, 8), signed(x >> 16, 8)),
    "sxtb16_ror": lambda x, _: packed(signed(x >> 8, 8), signed(x >> 24, 8)),
    "ssat8": lambda x, _: clamped(signed(x, 32), 8),
    "ssat16_asr": lambda x, _: clamped(signed(x, 32) >> 4, 16),
}


@pytest.mark.parametrize("name", EXPECTED)
@given(x=WORD, y=WORD)
def test_dsp_instructions(arithmetic, name, x, y):
    assert arithmetic.call(name, x, y, count=False).result == signed(EXPECTED[name](x, y), 32)


@given(WORD, WORD, WORD)
def test_smlad(arithmetic, x, y, start):
    assert arithmetic.call("smlad", x, y, start, count=False).result == signed(products(x, y) + start, 32)


@given(WORD, WORD, st.integers(-(2**63), 2**63 - 1))
def test_smlald(arithmetic, x, y, start):
    arithmetic.write("sum", start.to_bytes(8, "little", signed=True))
    arithmetic.call("smlald", x, y, count=False)
    found = int.from_bytes(arithmetic.read("sum", 8), "little", signed=True)
    assert found == signed(products(x, y) + start, 64)


@given(FLOAT, FLOAT)
def test_single_precision(arithmetic, x, y):
    x, y = np.float32(x), np.float32(y)
    with np.errstate(all="ignore"):
        expected = {"add": x + y, "multiply": x * y, "divide": x / y, "root": np.sqrt(x)}
    for name, value in expected.items():
        run = arithmetic.call(name, int(x.view(np.uint32)), int(y.view(np.uint32)))
        found = np.uint32(run.result % 2**32).view(np.float32)
        # Not a call of a library: the FPU does it.
        assert list(run.by_function) == [name]
        np.testing.assert_array_equal(found, value)
        assert np.isnan(value) or np.signbit(found) == np.signbit(value)


@given(st.integers(-(2**31), 2**31 - 1))
def test_conversion_rounds_to_even(arithmetic, value):
    found = arithmetic.call("from_integer", value, count=False).result % 2**32
    assert np.uint32(found).view(np.float32) == np.float32(value)


def test_arguments_and_results(board):
    assert board.call("order", 1, 2, 3, 4).result == 4321
    assert board.call("order", -1, 0, 0, 0).result == -1
    assert board.call("order", 2**32 - 1, 0, 0, 0).result == -1
    for wrong, message in (((1, 2, 3, 4, 5), "up to 4 numbers, not 5"), ((2**32,), "does not fit 32 bits")):
        with pytest.raises(MirnetError, match=message):
            board.call("order", *wrong)


def test_names(board):
    with pytest.raises(MirnetError, match=r"no 'ordre'.* did you mean order"):
        board.call("ordre")
    with pytest.raises(MirnetError, match="values is a variable"):
        board.call("values")
    with pytest.raises(MirnetError, match="no 'stop'"):
        EmulatedBoard(board.program, "stop")


def test_memory_from_outside(board):
    board.write("values", bytes(range(256)))
    assert board.read("values", 256) == bytes(range(256))
    assert board.read(board.address("values") + 5, 2) == bytes([5, 6])
    assert board.call("load", board.address("values") + 8).result == 0x0B0A0908
    assert board.read("table", 16) == struct.pack("<4i", 10, 20, 30, 40)
    board.write(RAM_END - 4, b"1234")
    assert board.read(RAM_END - 4, 4) == b"1234"
    assert board.read(FLASH_END - 4, 4) == b"\xff" * 4  # erased
    board.reset()
    assert board.read("values", 256) == bytes(256)


@pytest.mark.parametrize(
    "place, size, message",
    [
        ("values", 257, "values has 256 bytes, not 257"),
        ("table", 4, "outside the RAM"),  # constants are in flash
        (RAM_END - 3, 4, f"4 bytes at {RAM_END - 3:#x} are outside the RAM"),
        (RAM_START - 1, 1, "outside the RAM"),
    ],
)
def test_writes_from_outside_stay_in_the_ram(board, place, size, message):
    with pytest.raises(MirnetError, match=message):
        board.write(place, bytes(size))


# What it counts


def by_each_instruction(board: EmulatedBoard, *call) -> int:
    """Counts one by one. Unicorn calls a hook only where the condition is true: the rest of an IT is added."""
    unicorn = pytest.importorskip("unicorn")
    total, inside = 0, set()

    def hook(cpu, address, size, data):
        nonlocal total, inside
        if address in inside:
            return
        total, inside = total + 1, set()
        (half,) = struct.unpack("<H", cpu.mem_read(address, 2))
        if half >> 8 == 0xBF and half & 15:  # IT; its lowest set bit says how many follow
            place = address + 2
            for _ in range(4 - ((half & -half).bit_length() - 1)):
                inside.add(place)
                place += 2 * count_instructions_halves(cpu.mem_read(place, 2))
                total += 1

    handle = board._cpu.hook_add(unicorn.UC_HOOK_CODE, hook)
    board.call(*call, count=False)
    board._cpu.hook_del(handle)
    return total


def count_instructions_halves(first: bytes) -> int:
    return 2 if first[1] >> 3 in (0b11101, 0b11110, 0b11111) else 1


@pytest.mark.parametrize("times", [1, 2, 7, 1000])
def test_counts_are_exact(board, times):
    assert board.call("mixed", times).instructions == 2 + 4 * times
    assert board.call("conditional", times).instructions == 2 + 6 * times
    assert board.call("straight").instructions == LONG + 2


@pytest.mark.parametrize(
    "call", [("outer", 70), ("conditional", 9), ("straight",), ("deep", 50), ("order", 1, 2, 3, 4)]
)
def test_counting_blocks_is_counting_instructions(board, call):
    counted = board.call(*call).instructions
    assert counted > 3
    assert by_each_instruction(board, *call) == counted


def test_sizes_of_instructions():
    assert count_instructions(b"") == 0
    # e7fe is the last of 16 bits, e800 the first of 32.
    assert count_instructions(struct.pack("<4H", 0xE7FE, 0xE800, 0xFFFF, 0x4770)) == 3
    assert count_instructions(struct.pack("<4H", 0xF000, 0xE800, 0xFFFF, 0x4770)) == 2


def test_counts_are_the_same_every_time(program, board):
    first = board.call("outer", 40)
    assert board.call("outer", 40) == first == EmulatedBoard(program, "step").call("outer", 40)
    without = board.call("outer", 40, count=False)
    assert (without.result, without.instructions, without.by_step) == (first.result, 0, {})
    assert without.peak_stack == first.peak_stack
    assert board.call("outer", 40) == first  # what is translated without counting is not used again


def test_instructions_by_step(board):
    run = board.call("steps")
    assert run.by_step == {BEFORE: 5, 1: 3, 9: 4}
    assert run.instructions == 12
    assert board.read("step", 4) == (9).to_bytes(4, "little")
    run = board.call("outer", 20)
    assert list(run.by_step) == [BEFORE, *range(20)]
    assert sum(run.by_step.values()) == run.instructions
    each = [run.by_step[step] for step in range(1, 19)]
    assert all(after > before for before, after in pairwise(each))  # the helper does more each time


def test_cycles_of_a_loop(board):
    """`mixed` turns once more: add.w, subs, nop, and bne, which jumps back."""
    more = board.call("mixed", 11, memory=ZERO_WAIT).cycles + board.call("mixed", 10, memory=ZERO_WAIT).cycles * -1
    across = (board.address("mixed") + 4) % 4 != 0  # the add.w
    assert more == 4 + REFILL + (UNALIGNED_TARGET if across else 0)
    assert board.call("mixed", 10, count=False).cycles == Estimate()


def test_data_read_from_flash_is_waited_for(board):
    flash, ram = (board.call("load", board.address(name)) for name in ("table", "values"))
    assert (flash.flash_reads, ram.flash_reads) == (1, 0)
    assert (flash.cycles + ram.cycles * -1).likely == pytest.approx(NRF52840.data.likely)
    quick = board.call("load", board.address("table"), memory=ZERO_WAIT)
    assert quick.cycles.likely < ram.cycles.likely  # code comes from flash, too


def test_counting_leaves_the_memory_as_one_call_does(board, program):
    """Reads from flash are counted by running the call once more."""
    counted, plain = board, EmulatedBoard(program, "step")
    results = [each.call("outer", 20, count=each is counted).result for each in (counted, plain)]
    assert results[0] == results[1]
    for name in ("scratch", "values", "step"):
        size = program.symbols[name].size
        assert counted.read(name, size) == plain.read(name, size)


def test_cycles_by_step_add_up(board):
    run = board.call("outer", 20)
    assert list(run.cycles_by_step) == list(run.by_step)
    assert run.cycles.lowest < run.cycles.likely < run.cycles.highest
    assert 1 < run.cycles.likely / run.instructions < 3


def test_steps_that_come_again_are_added(board):
    alone = board.call("outer", 20)
    assert board.call("steps").by_step == {BEFORE: 5, 1: 3, 9: 4}  # nothing is left of the call before
    assert board.call("outer", 20) == alone


def test_without_a_step_symbol_there_are_no_steps(program):
    run = EmulatedBoard(program).call("steps")
    assert run.by_step == {} and run.instructions == 12


def test_instructions_by_function(board):
    run = board.call("outer", 20)
    assert sum(run.by_function.values()) == run.instructions
    assert list(run.by_function) == ["helper", "outer"]
    assert board.call("mixed", 3).by_function == {"mixed": 14}


@pytest.mark.parametrize("depth", [1, 10, STACK // 4])
def test_peak_of_the_stack(board, depth):
    assert board.call("deep", depth).peak_stack == 4 * depth
    assert board.call("mixed", 3).peak_stack == 0


def written_beyond_the_stack(run) -> list[range]:
    return [each for each in run.written if each.start >= RAM_START + STACK]


def test_what_is_written_is_known_to_the_byte(board):
    start = board.address("values")
    assert written_beyond_the_stack(board.call("fill", 3, 0, watch=True)) == []
    assert written_beyond_the_stack(board.call("fill", 3, 50, watch=True)) == [range(start + 3, start + 53)]
    assert written_beyond_the_stack(board.call("fill", 0, 256, watch=True)) == [range(start, start + 256)]
    assert board.call("deep", 6, watch=True).written == (range(RAM_START + STACK - 24, RAM_START + STACK),)
    assert board.call("fill", 3, 50).written is None


def test_watching_changes_nothing(board):
    plain, watched = board.call("outer", 30), board.call("outer", 30, watch=True)
    assert (watched.result, watched.instructions, watched.by_step) == (plain.result, plain.instructions, plain.by_step)
    addresses = {each for stretch in watched.written for each in stretch}
    assert set(range(board.address("scratch"), board.address("scratch") + 120)) <= addresses
    stack = [each for each in addresses if each < RAM_START + STACK]
    assert len(stack) <= plain.peak_stack == RAM_START + STACK - min(stack)


# What it forbids


@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize(
    "function, address, message",
    [
        ("load", RAM_END, f"load.* reads 4 bytes at {RAM_END:#x}, where there is neither flash nor RAM"),
        ("load", RAM_END - 2, "load.* reads"),  # half of it is outside
        ("load", FLASH_END, f"load.* reads 4 bytes at {FLASH_END:#x}"),
        ("load_byte", 0x4000_0000, "load_byte.* reads 1 bytes at 0x40000000"),
        ("store", RAM_END, f"store.* writes 4 bytes at {RAM_END:#x}, where there is neither"),
        ("store", 0xE000_ED88, "store.* writes 4 bytes at 0xe000ed88"),
        ("store", 0x100, "store.* writes 4 bytes at 0x100: that is flash"),
        ("jump", RAM_START + STACK + 1, f"jump.* jumps to {RAM_START + STACK:#x}, which is not in the flash"),
        ("jump", FLASH_END + 1, f"jump.* jumps to {FLASH_END:#x}, which is not in the flash"),
        ("jump", 0x5000_0001, "exception .* at 0x50000000, reached from jump"),
        ("jump", 0, "no instruction of the Cortex-M4 at 0x0, reached from jump.* even address"),
        ("undefined", 0, "no instruction of the Cortex-M4 at undefined"),
        ("breakpoint", 0, "exception .* at breakpoint"),
        ("wait", 0, "wait.* waits for an interrupt"),
        ("deep", STACK // 4 + 1, f"the stack of {STACK} bytes overflows at deep"),
    ],
)
def test_what_the_board_cannot_do(board, function, address, message, count):
    with pytest.raises(BoardError, match=message):
        board.call(function, address, count=count)
    board.reset()
    assert board.call("order", 1, 2, 3, 4).result == 4321  # and it lives


def test_the_edges_of_memory_are_inside(board):
    assert board.call("load", RAM_END - 4).result == 0
    assert board.call("load", FLASH_END - 4).result == -1
    board.call("store", RAM_END - 4)
    assert board.call("load", RAM_END - 4).result == 1


@pytest.mark.parametrize("count", [True, False])
def test_an_endless_loop_is_stopped(board, count):
    with pytest.raises(BoardError, match="endless has not returned after 100000 instructions and is at endless"):
        board.call("endless", limit=100_000, count=count)
    needed = board.call("mixed", 1000).instructions
    assert board.call("mixed", 1000, limit=needed, count=count).peak_stack == 0
    with pytest.raises(BoardError, match="mixed has not returned"):
        board.call("mixed", 1000, limit=needed - 1, count=count)


@pytest.mark.parametrize("function", ["pair", "several", "save_pair", "one_real"])
@pytest.mark.parametrize("offset", [0, 1, 2])
def test_alignment(board, function, offset):
    """LDR takes any address, as on the chip; what moves several words, or floats, does not."""
    place = board.address("values") + offset
    assert board.call("load", place, watch=True).result == 0
    if offset == 0:
        board.call(function, place, watch=True)
        return
    with pytest.raises(BoardError, match=f"{function} accesses {place:#x}, which is no multiple of 4"):
        board.call(function, place, watch=True)


def test_ctrl_c_in_a_hook_comes_through(board, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(unicorn_board.Record, "on_block", interrupted)
    with pytest.raises(KeyboardInterrupt):
        board.call("outer", 10)
    monkeypatch.undo()
    assert board.call("outer", 10).instructions > 0


def test_a_missing_emulator_is_told(program, monkeypatch):
    unicorn_board._load_unicorn.cache_clear()
    monkeypatch.setitem(sys.modules, "unicorn", None)
    with pytest.raises(MirnetError, match=r"needs unicorn: pip install 'mirnet-explainer\[board\]'"):
        EmulatedBoard(program)
