"""Generates the C of an int8 model: one call per operator, weights in flash, one arena for all computed tensors.

    for name, text in generate(Path("nano.tflite").read_bytes()).items():
        (folder / name).write_text(text)

| file | what |
| --- | --- |
| `mirnet_network.c`, `.h` | the network: `mirnet_run()`, a call for each operator in the order of the plan |
| `mirnet_weights.h` | its constants |
| `mirnet_restore.c`, `.h` | `mirnet_restore()`: from a camera frame to the restored picture, row by row |
| all others | the kernels of `embedded/codegen/kernels/`, the same for every network |

The same model gives the same bytes. Nothing allocates, nothing calls itself, and the stack needs some hundred bytes.
"""

from collections.abc import Sequence
from pathlib import Path

from embedded.camera.pixel_tables import PixelTables
from embedded.codegen.context import Arrays, Emitted, Job, array
from embedded.codegen.emit import emit
from embedded.codegen.template import fill
from embedded.emulator import Emulator
from embedded.memory.plan import Plan, make_plan
from embedded.memory.scratch import limit_beside
from embedded.tflite.graph import Graph
from embedded.tflite.model_hash import hash_of
from embedded.tflite.naming import readable_layer
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["KERNELS", "generate", "generate_network", "kernels"]

KERNELS = Path(__file__).parent / "kernels"
"""The C that does not depend on the model."""


def generate(model: bytes, dsp: bool = True, size: tuple[int, int] = (ROWS, COLUMNS)) -> dict[str, str]:
    """The C of a model, pixels included.

    Args:
        model: Bytes of a .tflite file of `mirnet quantize`.
        dsp: Kernels with the DSP instructions of the Cortex-M4 (elsewhere the same result, slower), or the portable
            ones, which need no scratch memory.
        size: Rows and columns of a frame; by default those of the board's camera.

    Returns:
        File name to text.

    Raises:
        MirnetError: If it is no such file, or has an operator that there is no kernel for, naming its layer.
    """
    emulator = Emulator(model, size=size)
    digest = hash_of(model).hex()
    return {**generate_network(emulator.graph, digest, dsp), **_restore(emulator.tables, digest), **kernels()}


def kernels() -> dict[str, str]:
    """The C that does not depend on the model: file name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(KERNELS.glob("*.[ch]"))}


def generate_network(graph: Graph, digest: str, dsp: bool = True) -> dict[str, str]:
    """The C of the network alone: int8 input, int8 output.

    Args:
        graph: An int8 graph.
        digest: The model's hash, for the comments of the files.
        dsp: As for `generate`.

    Returns:
        File name to text, without the kernels.

    Raises:
        MirnetError: If it has an operator that there is no kernel for, naming its layer.
    """
    plan, arrays = make_plan(graph), Arrays()

    def address(tensor: int) -> str:
        return f"arena + {plan.offsets[tensor]}"

    limit = limit_beside(plan.peak)
    emitted = [emit(Job(graph, graph.operators[k], arrays, address, dsp, limit)) for k in plan.order]
    scratch = max((each.scratch for each in emitted), default=0)
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    header = fill(
        "mirnet_network.h.in",
        digest=digest,
        operators=len(graph.operators),
        arena=plan.peak,
        scratch=scratch,
        input=plan.offsets[source.index],
        input_bytes=source.bytes,
        output=plan.offsets[target.index],
        output_bytes=target.bytes,
    )
    weights = fill("mirnet_weights.h.in", digest=digest, arrays="\n\n".join(arrays.texts))
    code = fill(
        "mirnet_network.c.in",
        digest=digest,
        scratch=fill("scratch.c") if scratch else "",
        constants="\n".join(each.constant for each in emitted if each.constant),
        steps="\n".join(_steps(graph, plan, emitted)),
    )
    return {"mirnet_network.h": header, "mirnet_network.c": code, "mirnet_weights.h": weights}


def _steps(graph: Graph, plan: Plan, emitted: Sequence[Emitted]) -> list[str]:
    """A few lines for each operator, in the order of the plan."""
    lines = []
    for step, (index, each) in enumerate(zip(plan.order, emitted, strict=True)):
        operator = graph.operators[index]
        output = graph.tensors[operator.outputs[0]]
        note = "" if each.calls else ": the same bytes"
        lines.append(f"  mirnet_step = {step}; /* {operator.kind} {index}, {readable_layer(graph, operator)}{note} */")
        lines += [f"  {call}" for call in each.calls]
        lines.append(f"  MIRNET_AFTER({output.index}, arena + {plan.offsets[output.index]}, {output.bytes})")
    return lines


def _restore(tables: PixelTables, digest: str) -> dict[str, str]:
    texts = [array(name, getattr(tables, name)) for name in ("levels", "base", "residual")]
    rows, columns = tables.size
    sizes = {"rows": rows, "columns": columns, "frame": rows * columns * 2, "row": columns * 3}
    header = fill("mirnet_restore.h.in", digest=digest, **sizes)
    code = fill("mirnet_restore.c.in", digest=digest, tables="\n\n".join(texts), stem=tables.stem)
    return {"mirnet_restore.h": header, "mirnet_restore.c": code}
