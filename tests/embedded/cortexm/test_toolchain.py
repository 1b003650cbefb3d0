"""C that becomes a program for the Nano: what is refused and why, and that the same sources give the same bytes."""

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.cortexm import toolchain
from embedded.cortexm.program import RAM, RAM_START
from embedded.cortexm.toolchain import STACK, BuildError, build, find_compiler
from embedded.cortexm.unicorn_board import EmulatedBoard
from model.errors import MirnetError

VARIABLES = RAM - STACK  # bytes for them
PAD = 64  # bytes on either side of a copy, to see that it writes nothing else
SOURCES = {
    "net.h": "#include <stdint.h>\nint32_t twice(int32_t x);\n",
    "net.c": """
#include "net.h"
#include <string.h>
#ifndef START
#define START 7
#endif
int32_t start = START, zero;
uint8_t bytes[1000];
const uint8_t table[3] = {1, 2, 3};
int32_t twice(int32_t x) { return 2 * x + zero; }
int32_t unused(void) { return bytes[3]; }
uint64_t divide(uint64_t a, uint64_t b) { return a / b; }
int32_t quotient(int32_t a, int32_t b) { return (int32_t)(divide((uint64_t)a << 32, (uint64_t)b) >> 32); }
int32_t doubled(int32_t a) { return (int32_t)((double)a * 1.5); }
void copy(int32_t to, int32_t from, int32_t size) { memcpy(bytes + to, bytes + from, (size_t)size); }
void move(int32_t to, int32_t from, int32_t size) { memmove(bytes + to, bytes + from, (size_t)size); }
void set(int32_t to, int32_t value, int32_t size) { memset(bytes + to, value, (size_t)size); }
int32_t compare(int32_t a, int32_t b, int32_t size) { return memcmp(bytes + a, bytes + b, (size_t)size); }
""",
}
KEEP = ["start", "zero", "bytes", "table", "twice", "quotient", "doubled", "copy", "move", "set", "compare"]
SIZES = st.tuples(st.integers(PAD, 300), st.integers(PAD, 300), st.integers(0, 600))


@pytest.fixture(scope="session", params=["zig", pytest.param("gcc", marks=pytest.mark.slow)])
def compiler(request, require) -> str:
    require(request.param != "zig" or find_spec("ziglang"), "needs ziglang: pip install ziglang")
    require(
        request.param != "gcc" or shutil.which("arm-none-eabi-gcc"),
        "needs arm-none-eabi-gcc: apt-get install gcc-arm-none-eabi",
    )
    return request.param


@pytest.fixture(scope="session")
def program(compiler):
    return build(SOURCES, KEEP, compiler)


@pytest.fixture
def board(program, require) -> EmulatedBoard:
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn and capstone: pip install unicorn capstone")
    return EmulatedBoard(program)


@pytest.fixture(scope="session")
def drawn_board(program, require) -> EmulatedBoard:
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn and capstone: pip install unicorn capstone")
    return EmulatedBoard(program)


def test_sizes_and_symbols(program):
    symbols = program.symbols
    assert (symbols["bytes"].size, symbols["table"].size, symbols["start"].size) == (1000, 3, 4)
    assert symbols["twice"].is_function and not symbols["bytes"].is_function
    assert program.stack_top == RAM_START + STACK <= symbols["start"].address
    # 1000 + 4 + 4, and what alignment leaves free between them.
    assert 1008 <= program.ram_bytes <= 1024
    assert symbols["table"].address < program.flash_bytes < 4000
    assert "unused" not in symbols  # nobody asked for it
    assert program.compiler.startswith("clang" if "zig" in program.compiler else "arm-none-eabi-gcc")


def test_initial_values_are_there_and_cost_flash(program, board, compiler):
    assert board.read("start", 4) == (7).to_bytes(4, "little")
    assert board.read("zero", 4) == bytes(4)
    assert board.read("table", 3) == bytes([1, 2, 3])
    grown = build({"a.c": "char big[5000] = {1}; char empty[5000];"}, ["big", "empty"], compiler)
    small = build({"a.c": "char big[1000] = {1}; char empty[5000];"}, ["big", "empty"], compiler)
    assert grown.flash_bytes - small.flash_bytes == grown.ram_bytes - small.ram_bytes == 4000


def test_places_are_named(program):
    twice = program.symbols["twice"]
    assert program.place(twice.address) == "twice"
    assert program.place(twice.address + 2) == "twice+0x2"
    assert program.place(0x00F0_0000) == "0xf00000"
    assert program.function_at(program.address("bytes")) == ""


def test_the_same_sources_give_the_same_bytes(program, compiler, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    again = build(dict(reversed(SOURCES.items())), KEEP, compiler)
    assert again.elf == program.elf
    assert list(work.iterdir()) == []  # and nothing is left behind
    assert list(tmp_path.iterdir()) == [work]
    for path in (tmp_path, Path(toolchain.__file__).parent, Path.home()):
        assert str(path).encode() not in again.elf


def test_defines_levels_and_options(board, compiler):
    text = {"a.c": "int start = START; int f(int x) { return (x + START) / OTHER; }"}
    fast, small = (
        build(text, ["start", "f"], compiler, defines={"START": 9}, options=["-DOTHER=3"], level=level)
        for level in ("0", "s")
    )
    assert fast.flash_bytes > small.flash_bytes
    for each in (fast, small):
        made = EmulatedBoard(each)
        assert made.read("start", 4) == (9).to_bytes(4, "little")
        assert made.call("f", 3).result == 4


def test_what_the_compiler_brings(board):
    """64-bit division and double arithmetic are function calls on this processor."""
    assert board.call("quotient", 1000, 7).result == 142
    assert board.call("doubled", -3).result == -4


@pytest.mark.parametrize("name", ["add", "ALIGN", "l"])
def test_functions_called_like_words_of_the_linker(compiler, name):
    assert build({"a.c": f"int {name}(void) {{ return 1; }}"}, [name], compiler).symbols[name].is_function


@given(SIZES, st.integers(0, 255), st.randoms(use_true_random=False))
def test_string_functions(drawn_board, offsets, value, random):
    a, b, size = offsets
    before = random.randbytes(1000)
    for function in ("copy", "move", "set", "compare"):
        if function == "copy" and abs(a - b) < size:
            continue  # not defined in C
        drawn_board.write("bytes", before)
        expected = bytearray(before)
        if function == "set":
            result = drawn_board.call("set", a, value, size, count=False).result
            expected[a : a + size] = bytes([value]) * size
        else:
            result = drawn_board.call(function, a, b, size, count=False).result
        if function in ("copy", "move"):
            expected[a : a + size] = before[b : b + size]
        if function == "compare":
            left, right = before[a : a + size], before[b : b + size]
            assert np.sign(result) == (left > right) - (left < right)
        assert drawn_board.read("bytes", 1000) == expected


@pytest.mark.parametrize(
    "text, message",
    [
        ("int f(void) { return b; }", r"a\.c:1: .*'b'"),
        ("int f(int x) { return 1; }", r"a\.c:1: unused parameter 'x'"),  # a warning is an error
        ("int g(void); int f(void) { return g(); }", "g is used and nowhere defined"),
        ("int g(void) { return 1; }", "keep names f, which no source defines"),
    ],
)
def test_sources_that_are_refused(compiler, text, message):
    with pytest.raises(BuildError, match=message) as caught:
        build({"a.c": text}, ["f"], compiler)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text, over, region",
    [
        ("char big[300000]; int f(int x) { return big[x]; }", 300_000 - VARIABLES, r"ram .*: \.bss ends"),
        ("char big[300000] = {1}; int f(int x) { return big[x]; }", 300_000 - VARIABLES, r"ram .*: \.data ends"),
        ("const char big[1048576] = {1}; int f(int x) { return big[x]; }", 1, r"flash: \.text"),
    ],
)
def test_what_does_not_fit_is_told_in_bytes(compiler, text, over, region):
    with pytest.raises(BuildError, match=f"does not fit the \\d+ bytes of {region}") as caught:
        build({"a.c": text}, ["f"], compiler)
    told = int(str(caught.value).partition(" bytes beyond")[0].rpartition(" ")[2])
    assert over <= told < over + 1000  # what else is there is small


def test_limits_are_exact(compiler):
    """The last byte of RAM is given out, and not one more."""
    text = "char big[SIZE]; int f(int x) { return big[x]; }"
    free = 64 * 1024 - STACK
    program = build({"a.c": text}, ["f"], compiler, ram=64 * 1024, defines={"SIZE": free})
    assert program.ram_bytes == free
    with pytest.raises(BuildError, match=rf"the {free} bytes of ram .* ends 1 byte beyond them"):
        build({"a.c": text}, ["f"], compiler, ram=64 * 1024, defines={"SIZE": free + 1})


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"sources": {"sub/a.c": ""}}, "without a folder, not 'sub/a.c'"),
        ({"sources": {"../a.c": ""}}, "without a folder"),
        ({"sources": {"a.h": ""}}, r"at least one \.c file"),
        ({"keep": ["f)"]}, "keep takes names"),
        ({"level": "fast"}, "level of optimization must be one of"),
        ({"ram": 1000}, "multiple of 1024"),
        ({"ram": 512 * 1024}, "up to 262144 bytes, not 524288"),
        ({"flash": 2**20 + 1}, "flash must be 1 to 1048576"),
        ({"stack": 12}, "stack must be a multiple of 8"),
        ({"ram": 8192, "stack": 8192}, r"smaller than the RAM \(8192\)"),
        ({"compiler": "tcc"}, "no compiler 'tcc': choose zig or gcc"),
    ],
)
def test_arguments_that_are_refused(wrong, message):
    with pytest.raises(MirnetError, match=message):
        build(**({"sources": {"a.c": "int x;"}, "keep": ["x"]} | wrong))


def test_the_first_compiler_that_is_here(monkeypatch):
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: "/usr/bin/" + name)
    assert find_compiler() == "gcc"
    with pytest.raises(MirnetError, match=r"pip install 'mirnet-explainer\[board\]'"):
        find_compiler("zig")
    monkeypatch.setattr(toolchain, "find_spec", lambda name: True)
    assert find_compiler() == find_compiler("zig") == "zig"


def test_missing_compilers_are_told(monkeypatch):
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    with pytest.raises(MirnetError, match=r"pip install 'mirnet-explainer\[board\]'"):
        build({"a.c": "int x;"}, ["x"])
    with pytest.raises(MirnetError, match=r"arm-none-eabi-gcc is not on the PATH"):
        find_compiler("gcc")
