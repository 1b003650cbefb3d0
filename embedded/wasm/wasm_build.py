"""Compiles the board's C of a model to WebAssembly, with clang from pip's `ziglang`.

    wasm = build_wasm(Path("nano.tflite").read_bytes(), simd=True)

The same model and compiler give the same bytes. The module needs no library; it exports `memory`, `frame`, `picture`,
`input` (addresses), `restore` and `restore_picture`, and imports `page.before` and `page.after(tensor, address, size)`,
which are called before the first operator and after each.
"""

import tempfile
from pathlib import Path

from embedded.codegen.generate import generate
from embedded.cortexm.toolchain import ZIG, BuildError, compiler_version, explain_errors, find_compiler, run_compiler
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["build_wasm", "wasm_compiler"]

FOLDER = Path(__file__).parent
FLAGS = (
    *("-target", "wasm32-freestanding", "-std=c99", "-O3", "-Wall", "-Wextra", "-Werror", "-ffreestanding"),
    *("-fno-sanitize=undefined", "-nostdlib", "-include", "web.h"),
    *("-Wl,--no-entry", "-Wl,--export-memory", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"),
)
SIMD = "-msimd128"
INCLUDED = "mirnet_restore.c"  # by web.c


def build_wasm(model: bytes, simd: bool = True, size: tuple[int, int] = (ROWS, COLUMNS)) -> bytes:
    """A model as a WebAssembly module.

    Args:
        model: Bytes of a .tflite file of `mirnet quantize`, for frames of this size.
        simd: With instructions on 128 bits at once, which browsers have since 2021 to 2023; the bytes that it computes
            are the same.
        size: Rows and columns of a frame.

    Raises:
        MirnetError: If there is no such compiler, or the model cannot be compiled.
    """
    find_compiler(ZIG)
    # The kernels for DSP instructions are in C elsewhere, and take half the time of the plain ones in a browser, too.
    sources = generate(model, size=size) | {name: _read(name) for name in ("web.c", "web.h")}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in sources.items():
            (root / name).write_text(text, encoding="utf-8")
        files = sorted(name for name in sources if name.endswith(".c") and name != INCLUDED)
        done = run_compiler(ZIG, [*FLAGS, *([SIMD] if simd else []), *files, "-o", "net.wasm"], root)
        if done.returncode != 0:
            raise BuildError(explain_errors(done.stderr, 0, 0))
        return (root / "net.wasm").read_bytes()


def wasm_compiler() -> str:
    """Name and version of the compiler that is here.

    Raises:
        MirnetError: If there is none.
    """
    return compiler_version(find_compiler(ZIG))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
