"""The generated C, operator by operator: the bytes of both interpreters, whatever shape and scale.

On this computer, and on the emulated Cortex-M4, where the DSP kernels run the processor's own instructions.
"""

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedded.codegen.generate import generate_network, kernels
from embedded.codegen.operators.values import RELU
from embedded.cortexm.toolchain import build
from embedded.cortexm.unicorn_board import EmulatedBoard
from embedded.memory.plan import Plan, make_plan
from embedded.tflite.graph import Graph
from embedded.tflite.graph_file import read_graph
from embedded.tflite.runtime import reference_interpreter
from embedded.tflite.schema import pack, schema
from model.errors import MirnetError

EXAMPLES = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-fPIC", "-O1")
VERSIONS = {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "RESIZE_BILINEAR": 3}  # those that know int8; of others it is 2
WITH_DSP = ("ADD", "CONV_2D", "DEPTHWISE_CONV_2D", "MUL")  # those that have a second kernel
OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "ADD": "AddOptions",
    "MUL": "MulOptions",
    "MEAN": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "CONCATENATION": "ConcatenationOptions",
    "SOFTMAX": "SoftmaxOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "MIRROR_PAD": "MirrorPadOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "TRANSPOSE": "TransposeOptions",
}


class Model:
    """A .tflite file of one operator, put together by hand."""

    def __init__(self):
        self.content = schema().ModelT()
        self.content.version, self.content.buffers, self.content.operatorCodes = 3, [schema().BufferT()], []
        self.content.description, self.content.metadata, self.content.signatureDefs = b"", [], []
        self.graph = schema().SubGraphT()
        self.graph.tensors, self.graph.operators, self.graph.inputs, self.graph.outputs = [], [], [], []
        self.graph.name = b"one"
        self.content.subgraphs = [self.graph]

    def tensor(self, shape, scale=None, zero_point=0, data=None, axis=0) -> int:
        """int8, or int32 where `data` is; `scale` may be a list along `axis`."""
        made = schema().TensorT()
        made.name, made.shape, made.buffer = f"t{len(self.graph.tensors)}".encode(), np.array(shape, np.int32), 0
        made.type = (
            schema().TensorType.INT32 if data is not None and data.dtype == np.int32 else schema().TensorType.INT8
        )
        if scale is not None:
            scales = np.atleast_1d(np.array(scale, np.float32))
            made.quantization = schema().QuantizationParametersT()
            made.quantization.scale = scales
            made.quantization.zeroPoint = np.broadcast_to(np.array(zero_point, np.int64), scales.shape)
            made.quantization.quantizedDimension = axis
        if data is not None:
            buffer = schema().BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            made.buffer = len(self.content.buffers)
            self.content.buffers.append(buffer)
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def finish(self, kind: str, inputs, output: int, **options) -> bytes:
        code, operator = schema().OperatorCodeT(), schema().OperatorT()
        code.builtinCode = getattr(schema().BuiltinOperator, kind)
        code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), VERSIONS.get(kind, 2)
        operator.opcodeIndex, operator.inputs, operator.outputs = (
            0,
            np.array(inputs, np.int32),
            np.array([output], np.int32),
        )
        if kind in OPTIONS:
            operator.builtinOptionsType = getattr(schema().BuiltinOptions, OPTIONS[kind])
            operator.builtinOptions = getattr(schema(), OPTIONS[kind] + "T")()
            for name, value in options.items():
                assert hasattr(operator.builtinOptions, name)
                setattr(operator.builtinOptions, name, value)
        self.content.operatorCodes, self.graph.operators = [code], [operator]
        constant = {index for index, tensor in enumerate(self.graph.tensors) if tensor.buffer}
        self.graph.inputs = np.array([index for index in inputs if index not in constant], np.int32)
        self.graph.outputs = np.array([output], np.int32)
        return pack(self.content)


Run = Callable[[bytes, list[np.ndarray], bool], np.ndarray]
"""What a model gives for inputs, with DSP kernels or without."""


def generated(model: bytes, dsp: bool) -> tuple[Graph, Plan, dict[str, str]]:
    graph = read_graph(model)
    return graph, make_plan(graph), generate_network(graph, "test", dsp)


def place(memory: np.ndarray, graph: Graph, plan: Plan, inputs: list[np.ndarray]) -> None:
    for index, values in zip(graph.inputs, inputs, strict=True):
        memory[plan.offsets[index] :][: values.size] = values.ravel()


def result(memory: np.ndarray, graph: Graph, plan: Plan) -> np.ndarray:
    output = graph.tensors[graph.outputs[0]]
    return memory[plan.offsets[output.index] :][: output.bytes].reshape(output.shape).copy()


def on_this_computer(folder: Path, compiler: str) -> Run:
    for name, text in kernels().items():
        (folder / name).write_text(text)
    subprocess.run(
        [compiler, *FLAGS, "-c", *(name for name in kernels() if name.endswith(".c"))], cwd=folder, check=True
    )
    objects = [path.name for path in folder.glob("*.o")]
    numbers = count()

    def run(model: bytes, inputs: list[np.ndarray], dsp: bool) -> np.ndarray:
        graph, plan, sources = generated(model, dsp)
        for name, text in sources.items():
            (folder / name).write_text(text)
        library = folder / f"lib{next(numbers)}.so"
        subprocess.run(
            [compiler, *FLAGS, "-shared", "-o", library, "mirnet_network.c", *objects], cwd=folder, check=True
        )
        loaded = ctypes.CDLL(str(library))
        memory = np.frombuffer((ctypes.c_int8 * plan.peak).in_dll(loaded, "mirnet_arena"), np.int8)
        place(memory, graph, plan, inputs)
        loaded.mirnet_run()
        return result(memory, graph, plan)

    return run


def on_the_cortex_m4(model: bytes, inputs: list[np.ndarray], dsp: bool) -> np.ndarray:
    graph, plan, sources = generated(model, dsp)
    compiler = "gcc" if shutil.which("arm-none-eabi-gcc") else "zig"  # the quicker one, where there are both
    board = EmulatedBoard(build({**sources, **kernels()}, keep=["mirnet_run", "mirnet_arena"], compiler=compiler))
    memory = np.zeros(plan.peak, np.int8)
    place(memory, graph, plan, inputs)
    board.write("mirnet_arena", memory.tobytes())
    board.call("mirnet_run", limit=50_000_000, count=False)
    return result(np.frombuffer(board.read("mirnet_arena", plan.peak), np.int8), graph, plan)


@pytest.fixture(scope="module", params=["this computer", pytest.param("cortex-m4", marks=pytest.mark.slow)])
def run(request, tmp_path_factory, require) -> Run:
    if request.param == "cortex-m4":
        require(
            find_spec("unicorn") and find_spec("capstone") and find_spec("ziglang"),
            "needs an emulated board: pip install 'mirnet-explainer[board]'",
        )
        return on_the_cortex_m4
    compiler = shutil.which("cc") or shutil.which("gcc")
    require(compiler, "needs a C compiler: apt-get install gcc")
    return on_this_computer(tmp_path_factory.mktemp("kernels"), compiler)


def by_runtime(model: bytes, inputs: list[np.ndarray]) -> np.ndarray:
    interpreter = reference_interpreter(model)
    for detail, values in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def by_micro(model: bytes, inputs: list[np.ndarray]) -> np.ndarray:
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    for place, values in enumerate(inputs):
        interpreter.set_input(values, place)
    interpreter.invoke()
    return interpreter.get_output(0)


def check(run: Run, model: bytes, inputs: list[np.ndarray], runtime: bool = True) -> None:
    found = run(model, inputs, False)
    if any(operator.kind in WITH_DSP for operator in read_graph(model).operators):
        np.testing.assert_array_equal(found, run(model, inputs, True))
    if runtime:
        np.testing.assert_array_equal(found, by_runtime(model, inputs))
    if find_spec("tflite_micro"):
        np.testing.assert_array_equal(found, by_micro(model, inputs))


sides = st.integers(1, 7)
channels = st.integers(1, 9)
zero_points = st.integers(-128, 127)
seeds = st.integers(0, 2**32 - 1)


def scales(low: float = 1e-3, high: float = 0.5):
    return st.floats(np.log(low), np.log(high)).map(lambda x: float(np.float32(np.exp(x))))


def values(seed: int, shape) -> np.ndarray:
    """int8, with more of both ends than chance has."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(-128, 128, shape)
    return np.where(rng.random(shape) < 0.2, rng.choice([-128, 127], shape), drawn).astype(np.int8)


@EXAMPLES
@given(
    sides, sides, channels, channels, st.sampled_from([1, 2, 3, 5]), st.sampled_from([1, 2, 3, 5]), st.integers(1, 2),
    st.booleans(), st.booleans(), scales(), scales(), zero_points, zero_points, seeds,
)  # fmt: skip
def test_convolution(run, high, wide, before, after, rows, columns, stride, same, relu, s_in, s_out, z_in, z_out, seed):
    if not same:
        high, wide = high + rows, wide + columns
    rng = np.random.default_rng(seed)
    model, size = Model(), ([-(-high // stride), -(-wide // stride)] if same else
                            [(high - rows) // stride + 1, (wide - columns) // stride + 1])  # fmt: skip
    weight_scales = np.float32(s_out / s_in * np.exp(rng.uniform(-8, 0.5, after)))
    source = model.tensor((1, high, wide, before), s_in, z_in)
    weights = model.tensor(
        (after, rows, columns, before), weight_scales, data=values(seed, (after, rows, columns, before))
    )
    bias = rng.integers(-(1 << 16), 1 << 16, after).astype(np.int32)
    biases = model.tensor((after,), weight_scales * np.float32(s_in), data=bias)
    output = model.tensor((1, *size, after), s_out, z_out)
    options = {"padding": 0 if same else 1, "strideH": stride, "strideW": stride, "dilationHFactor": 1}
    options |= {"dilationWFactor": 1, "fusedActivationFunction": RELU if relu else 0}
    made = model.finish("CONV_2D", [source, weights, biases], output, **options)
    check(run, made, [values(seed + 1, (1, high, wide, before))])


@EXAMPLES
@given(sides, sides, channels, st.sampled_from([1, 2, 3]), st.integers(1, 2), st.booleans(), scales(), scales(),
       zero_points, zero_points, seeds)  # fmt: skip
def test_depthwise_convolution(run, high, wide, depth, side, stride, same, s_in, s_out, z_in, z_out, seed):
    if not same:
        high, wide = high + side, wide + side
    rng = np.random.default_rng(seed)
    model, size = Model(), ([-(-high // stride), -(-wide // stride)] if same else
                            [(high - side) // stride + 1, (wide - side) // stride + 1])  # fmt: skip
    weight_scales = np.float32(s_out / s_in * np.exp(rng.uniform(-8, 0.5, depth)))
    source = model.tensor((1, high, wide, depth), s_in, z_in)
    weights = model.tensor((1, side, side, depth), weight_scales, data=values(seed, (1, side, side, depth)), axis=3)
    bias = rng.integers(-(1 << 12), 1 << 12, depth).astype(np.int32)
    biases = model.tensor((depth,), weight_scales * np.float32(s_in), data=bias)
    output = model.tensor((1, *size, depth), s_out, z_out)
    options = {"padding": 0 if same else 1, "strideH": stride, "strideW": stride, "dilationHFactor": 1}
    options |= {"dilationWFactor": 1, "depthMultiplier": 1}
    made = model.finish("DEPTHWISE_CONV_2D", [source, weights, biases], output, **options)
    check(run, made, [values(seed + 1, (1, high, wide, depth))])


@pytest.mark.parametrize("kind", ["ADD", "MUL"])
@EXAMPLES
@given(data=st.data())
def test_sum_and_product(run, kind, data):
    full = (1, data.draw(sides), data.draw(sides), data.draw(channels))
    other = data.draw(st.sampled_from([full, (1, 1, 1, full[3]), (*full[:3], 1)]))
    shapes = [full, other] if data.draw(st.booleans()) else [other, full]
    model = Model()
    inputs = [model.tensor(shape, data.draw(scales()), data.draw(zero_points)) for shape in shapes]
    output = model.tensor(full, data.draw(scales()), data.draw(zero_points))
    fused = data.draw(st.sampled_from([0, RELU]))
    made = model.finish(kind, inputs, output, fusedActivationFunction=fused)
    seed = data.draw(seeds)
    # tflite-runtime divides the scales of a product as floats of 32 bits, TensorFlow Lite Micro as floats of 64, and we
    # with it: a half may be rounded either way (see embedded.quantize.calibrate).
    check(run, made, [values(seed + k, shape) for k, shape in enumerate(shapes)], runtime=kind == "ADD")


@pytest.mark.parametrize(
    "axes", [(1, 2), (3,), *(pytest.param(axes, marks=pytest.mark.slow) for axes in [(2,), (1, 2, 3)])]
)
@EXAMPLES
@given(sides, sides, channels, scales(), scales(), zero_points, zero_points, seeds)
def test_mean_and_maximum(run, axes, high, wide, depth, s_in, s_out, z_in, z_out, seed):
    shape = (1, high, wide, depth)
    reduced = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    for kind in ("MEAN", "REDUCE_MAX"):
        model = Model()
        source = model.tensor(shape, s_in, z_in)
        axis = model.tensor((len(axes),), data=np.array(axes, np.int32))
        same = kind == "REDUCE_MAX"
        output = model.tensor(reduced, s_in if same else s_out, z_in if same else z_out)
        check(run, model.finish(kind, [source, axis], output, keepDims=True), [values(seed, shape)])


@EXAMPLES
@given(scales(1e-4, 1.0), zero_points)
def test_logistic(run, scale, zero_point):
    """All 256 inputs."""
    model = Model()
    source, output = model.tensor((1, 16, 16, 1), scale, zero_point), model.tensor((1, 16, 16, 1), 1 / 256, -128)
    everything = np.arange(-128, 128, dtype=np.int8).reshape(1, 16, 16, 1)
    check(run, model.finish("LOGISTIC", [source], output), [everything])


@EXAMPLES
@given(st.integers(1, 60), st.integers(1, 9), scales(1e-3, 1.0), zero_points, seeds)
def test_softmax(run, rows, depth, scale, zero_point, seed):
    model = Model()
    shape = (1, rows, 1, depth)
    source, output = model.tensor(shape, scale, zero_point), model.tensor(shape, 1 / 256, -128)
    check(run, model.finish("SOFTMAX", [source], output, beta=1.0), [values(seed, shape)])


@EXAMPLES
@given(sides, sides, channels, st.integers(1, 14), st.integers(1, 14), scales(), zero_points, seeds)
def test_resize(run, high, wide, depth, rows, columns, scale, zero_point, seed):
    model = Model()
    source = model.tensor((1, high, wide, depth), scale, zero_point)
    size = model.tensor((2,), data=np.array([rows, columns], np.int32))
    output = model.tensor((1, rows, columns, depth), scale, zero_point)
    made = model.finish("RESIZE_BILINEAR", [source, size], output, alignCorners=False, halfPixelCenters=True)
    check(run, made, [values(seed, (1, high, wide, depth))])


@EXAMPLES
@given(st.data())
def test_moves(run, data):
    high, wide, depth = data.draw(st.integers(2, 7)), data.draw(st.integers(2, 7)), data.draw(channels)
    scale, zero_point, shape = data.draw(scales()), data.draw(zero_points), (1, high, wide, depth)
    pads = [data.draw(st.integers(0, size - 1)) for size in (high, high, wide, wide)]
    model = Model()
    source = model.tensor(shape, scale, zero_point)
    table = model.tensor((4, 2), data=np.array([0, 0, *pads, 0, 0], np.int32))
    padded = model.tensor((1, high + pads[0] + pads[1], wide + pads[2] + pads[3], depth), scale, zero_point)
    given_values = values(data.draw(seeds), shape)
    check(run, model.finish("MIRROR_PAD", [source, table], padded, mode=0), [given_values])

    order = data.draw(st.permutations(range(4)))
    model = Model()
    source = model.tensor(shape, scale, zero_point)
    axes = model.tensor((4,), data=np.array(order, np.int32))
    turned = model.tensor([shape[axis] for axis in order], scale, zero_point)
    check(run, model.finish("TRANSPOSE", [source, axes], turned), [given_values])

    begins = [data.draw(st.integers(0, size - 1)) for size in shape]
    strides = [data.draw(st.integers(1, 3)) for _ in shape]
    model = Model()
    source = model.tensor(shape, scale, zero_point)
    axes = [model.tensor((4,), data=np.array(each, np.int32)) for each in (begins, shape, strides)]
    sliced = [-(-(size - begin) // stride) for size, begin, stride in zip(shape, begins, strides, strict=True)]
    output = model.tensor(sliced, scale, zero_point)
    masks = {name: 0 for name in ("beginMask", "endMask", "ellipsisMask", "newAxisMask", "shrinkAxisMask")}
    check(run, model.finish("STRIDED_SLICE", [source, *axes], output, **masks), [given_values])


@EXAMPLES
@given(st.integers(1, 3), sides, sides, st.lists(channels, min_size=1, max_size=4), scales(), zero_points, seeds)
def test_concatenation(run, axis, high, wide, sizes, scale, zero_point, seed):
    base = [1, high, wide, 3]
    shapes = [tuple(size if place == axis else side for place, side in enumerate(base)) for size in sizes]
    model = Model()
    inputs = [model.tensor(shape, scale, zero_point) for shape in shapes]
    whole = tuple(sum(sizes) if place == axis else side for place, side in enumerate(base))
    made = model.finish("CONCATENATION", inputs, model.tensor(whole, scale, zero_point), axis=axis)
    check(run, made, [values(seed + k, shape) for k, shape in enumerate(shapes)])


def test_what_has_no_kernel_is_refused_by_name():
    model = Model()
    made = model.finish("FLOOR", [model.tensor((1, 2, 2, 1), 0.1)], model.tensor((1, 2, 2, 1), 0.1))
    with pytest.raises(MirnetError, match=r"no C for FLOOR 0, layer .*: the kernels are ADD, CONCATENATION"):
        generate_network(read_graph(made), "test")


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("ADD", {"fusedActivationFunction": 3}, "activation other than ReLU"),
        ("RESIZE_BILINEAR", {"alignCorners": True}, "centres of pixels"),
        ("MIRROR_PAD", {"mode": 1}, "not by reflection"),
        ("CONV_2D", {"dilationHFactor": 2}, "dilated"),
    ],
)
def test_what_a_kernel_cannot_do_is_refused(kind, options, message):
    model, shape = Model(), (1, 4, 4, 2)
    source, output = model.tensor(shape, 0.1), model.tensor(shape, 0.1)
    more = {
        "ADD": [source],
        "RESIZE_BILINEAR": [model.tensor((2,), data=np.array([4, 4], np.int32))],
        "MIRROR_PAD": [model.tensor((4, 2), data=np.zeros((4, 2), np.int32))],
        "CONV_2D": [
            model.tensor((2, 1, 1, 2), 0.1, data=np.ones((2, 1, 1, 2), np.int8)),
            model.tensor((2,), 0.01, data=np.zeros(2, np.int32)),
        ],
    }[kind]
    if kind == "CONV_2D":
        options = {"strideH": 1, "strideW": 1, "dilationWFactor": 1, **options}
    made = model.finish(kind, [source, *more], output, **options)
    with pytest.raises(MirnetError, match=message):
        generate_network(read_graph(made), "test")


def test_the_kernels_need_no_library():
    for name, text in kernels().items():
        included = {line.split()[1] for line in text.splitlines() if line.startswith("#include <")}
        assert included <= {"<stdint.h>"}, name
        assert "malloc" not in text and "float" not in text.replace("floats", ""), name
    assert all(Path(name).suffix in (".c", ".h") for name in kernels())
