"""Compiles and links C for the Nano's Cortex-M4F, with clang from pip's `ziglang`, or with GCC.

```python
program = build({"net.c": text, "net.h": header}, keep=["run"])
program.flash_bytes, program.ram_bytes
```

Builds are reproducible: the same sources and compiler give the same ELF, byte for byte, in any folder. The code is
freestanding: no library but `string.h`, and the compiler's own for 64-bit or `double` arithmetic.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from embedded.codegen.template import fill_file
from embedded.cortexm.elf import read_program
from embedded.cortexm.program import FLASH, RAM, Program
from model.errors import MirnetError
from model.safety.whole_files import default_cache

__all__ = ["STACK", "ZIG", "BuildError", "build", "compiler_version", "explain_errors", "find_compiler", "run_compiler"]

STACK = 8 * 1024
PAGE = 1024  # bytes: the emulator's memory comes in these

BOARD_FILES = Path(__file__).parent / "startup"
ZIG, GCC = "zig", "gcc"
GCC_COMMAND = "arm-none-eabi-gcc"

MACHINES = {
    # The FPU has to be named: zig's own description of the cortex_m4 leaves it out, and floats become function calls.
    # -g1 keeps the table of symbols, which zig would strip; the linker script drops the debug information itself.
    ZIG: ["-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp", "-g1", "-fno-sanitize=undefined"],
    GCC: ["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-nostdlib"],
}
LIBRARIES: dict[str, list[str]] = {ZIG: [], GCC: ["-lgcc"]}  # zig brings its own
FLAGS = [
    *("-std=c99", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-ffunction-sections", "-fdata-sections"),
    *("-fomit-frame-pointer", "-fno-stack-protector", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables"),
    *("-Wl,--gc-sections", "-Wl,--build-id=none", "-Wl,--entry=board_start", "-Iboard", "-T", "board/nano.ld"),
]
LEVELS = ("0", "1", "2", "3", "s")

OVERFLOW = re.compile(r"region [`']?(?P<region>\w+)'?:? overflowed by (?P<bytes>\d+) bytes?")
SECTION = re.compile(r"section [`'](?P<section>[.\w]+)' will not fit in region")
UNDEFINED = re.compile(r"(?:undefined symbol: |undefined reference to [`'])(?P<name>\w+)")
ERROR = re.compile(r"^(?P<where>[\w./]+\.[ch]:\d+)[:\d]* (?:fatal )?error: (?P<what>.*)$", re.MULTILINE)


class BuildError(MirnetError):
    """C that does not compile, or a program that does not fit the board."""


def find_compiler(compiler: str = "") -> str:
    """Finds a compiler.

    Args:
        compiler: `zig`, `gcc`, or empty for the first of them that is installed.

    Returns:
        `zig` or `gcc`.

    Raises:
        MirnetError: If it, or all, are missing.
    """
    here = {ZIG: find_spec("ziglang") is not None, GCC: shutil.which(GCC_COMMAND) is not None}
    if compiler and compiler not in here:
        raise MirnetError(f"no compiler {compiler!r}: choose zig or gcc")
    found = next((name for name in ([compiler] if compiler else here) if here[name]), None)
    if found is not None:
        return found
    if compiler == GCC:
        raise MirnetError(f"{GCC_COMMAND} is not on the PATH: install it (Debian: apt-get install gcc-arm-none-eabi)")
    raise MirnetError("no compiler for the Cortex-M4: pip install 'mirnet-explainer[board]' brings one (ziglang)")


def build(
    sources: Mapping[str, str],
    keep: Sequence[str],
    compiler: str = "",
    *,
    level: str = "2",
    defines: Mapping[str, str | int] | None = None,
    options: Sequence[str] = (),
    flash: int = FLASH,
    ram: int = RAM,
    stack: int = STACK,
) -> Program:
    """Compiles C99 for the Nano and links it.

    Args:
        sources: File name to contents; names end in .c or .h and have no folder.
        keep: Functions and variables to call, read or write from outside; unused others are left out.
        compiler: As in `find_compiler`.
        level: Of optimization: 0, 1, 2, 3 or s (small).
        defines: Macros, by name.
        options: More for the compiler, after ours.
        flash: Bytes for code, constants and initial values.
        ram: Bytes for variables and stack, a multiple of 1024.
        stack: Bytes of `ram` for the stack, a multiple of 8.

    Raises:
        BuildError: If the sources do not compile without warnings, name something undefined, or do not fit.
        MirnetError: If an argument is wrong or the compiler is missing.
    """
    _check(sources, keep, level, flash, ram, stack)
    name = find_compiler(compiler)
    names = " ".join(f'"{each}"' for each in keep)  # quoted, since the linker has keywords: `add` is one
    sizes = {"keep": names, "flash": flash, "ram": ram, "stack": stack}
    macros = [f"-D{macro}={value}" for macro, value in (defines or {}).items()]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _lay_out(root, sources, sizes)
        files = sorted(file for file in sources if file.endswith(".c"))
        ours = ["board/start.c", "board/string.c"]
        flags = [*MACHINES[name], *FLAGS, f"-O{level}", *macros, *options]
        done = run_compiler(name, [*flags, *files, *ours, *LIBRARIES[name], "-o", "program.elf"], root)
        if done.returncode != 0:
            raise BuildError(explain_errors(done.stderr, flash, ram - stack))
        elf = (root / "program.elf").read_bytes()
    program = read_program(elf, compiler_version(name), ram, stack)
    missing = [each for each in keep if each not in program.symbols]
    if missing:
        raise BuildError(f"keep names {', '.join(missing)}, which no source defines as something others can see")
    return program


def _check(sources: Mapping[str, str], keep: Sequence[str], level: str, flash: int, ram: int, stack: int) -> None:
    for file in sources:
        if not re.fullmatch(r"\w[\w.-]*\.[ch]", file):
            raise MirnetError(f"a source is called name.c or name.h, without a folder, not {file!r}")
    if not any(file.endswith(".c") for file in sources):
        raise MirnetError("there is nothing to compile: give at least one .c file")
    for name in keep:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise MirnetError(f"keep takes names of C functions and variables, not {name!r}")
    if level not in LEVELS:
        raise MirnetError(f"level of optimization must be one of {', '.join(LEVELS)}, not {level!r}")
    if not 0 < flash <= FLASH:
        raise MirnetError(f"flash must be 1 to {FLASH} bytes, not {flash}")
    if not PAGE <= ram <= RAM or ram % PAGE:
        raise MirnetError(f"ram must be a multiple of {PAGE} up to {RAM} bytes, not {ram}")
    if not 0 < stack < ram or stack % 8:
        raise MirnetError(f"stack must be a multiple of 8 bytes and smaller than the RAM ({ram}), not {stack}")


def _lay_out(root: Path, sources: Mapping[str, str], sizes: Mapping[str, object]) -> None:
    """Writes all files into one folder, named relative to it, so that no path of this machine is in the ELF."""
    (root / "board").mkdir()
    for file in ("start.c", "string.c", "string.h"):
        shutil.copyfile(BOARD_FILES / file, root / "board" / file)
    (root / "board" / "nano.ld").write_text(fill_file(BOARD_FILES / "nano.ld", sizes), encoding="utf-8")
    for file, text in sources.items():
        (root / file).write_text(text, encoding="utf-8")


def run_compiler(compiler: str, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs `zig` or `gcc` in a folder, with caches of our own and nothing of this machine in what comes of it."""
    command = [sys.executable, "-m", "ziglang", "cc"] if compiler == ZIG else [GCC_COMMAND]
    environment = os.environ | {"LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}
    # zig compiles its library for the board once, and keeps it; what comes of our sources is deleted with the folder.
    environment |= {"ZIG_GLOBAL_CACHE_DIR": str(default_cache() / "zig"), "ZIG_LOCAL_CACHE_DIR": str(folder / "zig")}
    command += arguments
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@cache
def compiler_version(compiler: str) -> str:
    """Name and version: `clang version 22.1.8 (zig)`, `arm-none-eabi-gcc (...) 12.2.1`."""
    first = run_compiler(compiler, ["--version"], Path(tempfile.gettempdir())).stdout.partition("\n")[0].strip()
    return f"{first} (zig)" if compiler == ZIG else first


def explain_errors(errors: str, flash: int, ram: int) -> str:
    """The errors of a compiler or linker in one sentence."""
    over = [(int(found["bytes"]), found["region"]) for found in OVERFLOW.finditer(errors)]
    if over:
        # Each section beyond the end is reported with the bytes up to its own end: the largest is the whole.
        count, region = max(over)
        sections = ", ".join(dict.fromkeys(found["section"] for found in SECTION.finditer(errors)))
        limit = flash if region == "flash" else ram
        aside = " (the stack aside)" if region == "ram" else ""
        return (
            f"the program does not fit the {limit} bytes of {region}{aside}: {sections} ends {count} "
            f"byte{'s' * (count > 1)} beyond them; make it smaller or give it more `{region}`"
        )
    first = ERROR.search(errors)
    if first:
        more = len(ERROR.findall(errors)) - 1
        return f"{first['where']}: {first['what']}{f' (and {more} more)' if more else ''}"
    undefined = dict.fromkeys(found["name"] for found in UNDEFINED.finditer(errors))
    if undefined:
        return f"{', '.join(undefined)} is used and nowhere defined: the board has no library but string.h"
    return f"the compiler failed: {' '.join(errors.split())[:500] or 'it said nothing'}"
