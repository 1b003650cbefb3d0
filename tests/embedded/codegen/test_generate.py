"""The generated C as a whole, on this computer: every tensor and the restored picture, byte for byte."""

import ctypes
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from embedded.codegen.generate import generate
from embedded.emulator import Emulator
from embedded.memory.plan import make_plan
from embedded.models.shipped_models import NANO, model_file
from model.images.camera_formats import COLUMNS, ROWS

C99 = ("-std=c99", "-Wall", "-Wextra", "-Werror")
CPP11 = ("-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Werror")

TRACE_H = """
#include <stdint.h>
extern void (*mirnet_trace)(int tensor, const int8_t *address, int size);
#define MIRNET_AFTER(tensor, address, size) if (mirnet_trace) mirnet_trace(tensor, address, size);
"""
TRACE_C = '#include "trace.h"\nvoid (*mirnet_trace)(int tensor, const int8_t *address, int size);\n'

MAIN_C = """
#include <stdio.h>
#include "mirnet_restore.h"
static void row(int y, const uint8_t *rgb, void *context) {
  (void)y;
  fwrite(rgb, 1, MIRNET_ROW_BYTES, (FILE *)context);
}
int main(void) {
  static uint8_t frame[MIRNET_FRAME_BYTES];
  while (fread(frame, 1, sizeof frame, stdin) == sizeof frame) mirnet_restore(frame, row, stdout);
  return 0;
}
"""


@pytest.fixture(scope="module")
def compiler() -> str:
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None:
        pytest.skip("needs a C compiler: apt-get install gcc")
    return found


def written(folder: Path, files: dict[str, str]) -> list[str]:
    """The names of the C files, all files written."""
    for name, text in files.items():
        (folder / name).write_text(text)
    return [name for name in files if name.endswith(".c")]


class Traced:
    """A model's C as a library that tells of every tensor that it makes."""

    def __init__(self, compiler: str, folder: Path, model: bytes, dsp: bool = True):
        sources = written(folder, {**generate(model, dsp), "trace.h": TRACE_H, "trace.c": TRACE_C})
        command = [compiler, *C99, "-O2", "-fPIC", "-shared", "-include", "trace.h", "-o", "lib.so", *sources]
        subprocess.run(command, cwd=folder, check=True)
        self.library = ctypes.CDLL(str(folder / "lib.so"))

    def restore(self, frame: np.ndarray) -> tuple[np.ndarray, dict[int, np.ndarray]]:
        """The restored picture, and every tensor by index."""
        tensors, picture = {}, np.zeros((ROWS, COLUMNS, 3), np.uint8)

        @ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
        def trace(tensor, address, size):
            tensors[tensor] = np.frombuffer(ctypes.string_at(address, size), np.int8)

        @ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        def row(y, rgb, context):
            picture[y] = np.frombuffer(ctypes.string_at(rgb, COLUMNS * 3), np.uint8).reshape(COLUMNS, 3)

        pointer = ctypes.c_void_p.in_dll(self.library, "mirnet_trace")
        pointer.value = ctypes.cast(trace, ctypes.c_void_p).value
        self.library.mirnet_restore(ctypes.c_char_p(frame.tobytes()), row, None)
        pointer.value = None
        return picture, tensors


def check(traced: Traced, emulator, frames) -> None:
    for frame in frames:
        picture, tensors = traced.restore(frame)
        expected = emulator.tensors(frame)
        assert set(tensors) == set(emulator.graph.computed)
        wrong = [index for index, values in tensors.items() if (values != expected[index].ravel()).any()]
        assert not wrong, f"first wrong: {emulator.graph.producer[min(wrong, key=list(tensors).index)]}"
        np.testing.assert_array_equal(picture, emulator.restore(frame))


@pytest.mark.parametrize("dsp", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_every_tensor_and_the_picture(small, frames, compiler, tmp_path, dsp):
    check(Traced(compiler, tmp_path, small.quantized.model, dsp), small.emulator, frames)


@pytest.mark.slow
def test_the_shipped_model_on_50_frames(compiler, tmp_path, fifty, require):
    """Four ways to the same bytes: TensorFlow Lite, TensorFlow Lite Micro, and the C, portable and with DSP kernels.

    The fifth, the same C on the Cortex-M4, is in test_on_the_board.py, with the same frames.
    """
    require(find_spec("tflite_micro"), "needs tflite-micro: pip install 'mirnet-explainer[board]' (Linux)")
    emulator = Emulator(model_file(NANO))
    for dsp in (True, False):
        folder = tmp_path / str(dsp)
        folder.mkdir()
        check(Traced(compiler, folder, emulator.model, dsp), emulator, fifty)
    assert emulator.cross_check(fifty).differing == 0


@pytest.mark.slow
def test_no_undefined_behaviour_and_no_byte_outside(small, frames, compiler, tmp_path):
    """With the compiler's checks for both, the same pictures."""
    sources = written(tmp_path, {**generate(small.quantized.model), "main.c": MAIN_C})
    checks = ["-fsanitize=undefined,address", "-fno-sanitize-recover=all"]
    built = subprocess.run([compiler, *C99, "-O1", *checks, "-o", "main", *sources], cwd=tmp_path, capture_output=True)
    if built.returncode and b"asan" in built.stderr:
        pytest.skip("needs the compiler's sanitizers: apt-get install libasan8 libubsan1")
    assert not built.returncode, built.stderr
    given = b"".join(frame.tobytes() for frame in frames)
    done = subprocess.run([tmp_path / "main"], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    expected = b"".join(small.emulator.restore(frame).tobytes() for frame in frames)
    assert done.stdout == expected


@pytest.mark.slow
def test_it_is_cpp_too(small, compiler, tmp_path):
    for name in written(tmp_path, generate(small.quantized.model)):
        subprocess.run([compiler, *CPP11, "-fsyntax-only", name], cwd=tmp_path, check=True)


def test_the_same_model_gives_the_same_text(small):
    first, second = generate(small.quantized.model), generate(small.quantized.model)
    assert first == second
    assert all("/tmp" not in text and "/home" not in text for text in first.values())


def test_one_call_an_operator_with_its_layer(small):
    code = generate(small.quantized.model)["mirnet_network.c"]
    graph, plan = small.emulator.graph, make_plan(small.emulator.graph)
    steps = re.findall(r"mirnet_step = (\d+); /\* (\w+) (\d+), (\S+)", code)
    assert [int(step) for step, *_ in steps] == list(range(len(graph.operators)))
    assert [int(index) for _, _, index, _ in steps] == list(plan.order)
    assert all(graph.operators[int(index)].kind == kind for _, kind, index, _ in steps)
    # Keras counts the networks made before, and a network's calls: rrg, rrg_1 or rrg_3_1.
    inside = [layer for *_, layer in steps if re.match(r"rrg(_\d+)*/mrb(_\d+)*/", layer)]
    assert len(inside) > 0.8 * len(steps)


def test_weights_that_layers_share_lie_in_flash_once(small):
    """Both columns of a stream share their dual attention unit."""
    graph, weights = small.emulator.graph, generate(small.quantized.model)["mirnet_weights.h"]
    convolutions = [each for each in graph.operators if each.kind == "CONV_2D"]
    different = {graph.tensors[each.inputs[1]].data.tobytes() for each in convolutions}
    assert len(different) < len(convolutions)
    assert weights.count("int8_t weights_") <= len(different) + 10  # and those of the depthwise convolutions


def test_nothing_that_gcc_7_does_not_know(small):
    """The board's compiler: no built-in functions, and attributes that its manual has had for ever."""
    for name, text in generate(small.quantized.model).items():
        found = re.findall(r"__attribute__\(\((.*?)\)\)", text)
        names = {name for each in found for name in re.findall("[a-z_]+", each)}
        assert names <= {"aligned", "packed", "may_alias", "noinline"}, name
        assert not re.search(r"__builtin_\w+|_Static_assert|_Generic|__has_\w+|\[\[", text), name


def test_no_heap_and_no_recursion(small):
    files = generate(small.quantized.model)
    code = "\n".join(text for name, text in files.items() if name.endswith(".c"))
    assert not re.search(r"\b(malloc|calloc|realloc|free|alloca)\b", code)
    for name, body in re.findall(r"^\w[\w ]*?\*?(\w+)\([^;]*?\) \{\n(.*?)^\}", code, re.MULTILINE | re.DOTALL):
        assert not re.search(rf"\b{name}\(", body), f"{name} calls itself"
