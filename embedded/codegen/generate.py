"""An int8 model as C: one call per operator, weights in flash, one arena for everything that is computed.

    for name, text in generate(Path("nano.tflite").read_bytes()).items():
        (folder / name).write_text(text)

| file | what |
| --- | --- |
| `mirnet_network.c`, `.h` | the network: `mirnet_run()`, a call for each operator in the order of the plan |
| `mirnet_weights.h` | its constants |
| `mirnet_restore.c`, `.h` | `mirnet_restore()`: a frame of the camera in, the restored picture out, row by row |
| all others | the kernels of `embedded/codegen/kernels/`, the same for every network |

The same model gives the same bytes. Nothing allocates, nothing calls itself, and the stack needs some hundred bytes.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from embedded.camera.pixel_tables import PixelTables
from embedded.codegen.context import Arrays, Emitted, Job, array
from embedded.codegen.emit import emit
from embedded.emulator import Emulator
from embedded.memory.plan import Plan, make_plan
from embedded.tflite.graph import Graph
from embedded.tflite.naming import readable_layer
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["HASH_DIGITS", "KERNELS", "generate", "generate_network", "kernels"]

KERNELS = Path(__file__).parent / "kernels"
"""The C that does not depend on the model."""

HASH_DIGITS = 16
"""Hexadecimal digits of the model's SHA-256 by which board and PC know that they mean the same one."""

NOTE = "/* Generated from the model {digest}: change the model, not this file. */"

NETWORK_H = """\
{note}

#ifndef MIRNET_NETWORK_H
#define MIRNET_NETWORK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

#define MIRNET_MODEL "{digest}" /* the beginning of its SHA-256 */
#define MIRNET_OPERATORS {operators}
#define MIRNET_ARENA_BYTES {arena} /* every tensor that is given or computed, at its time */
#define MIRNET_SCRATCH_BYTES {scratch} /* memory of the kernels for themselves */
#define MIRNET_INPUT {input} /* where in the arena the input begins */
#define MIRNET_INPUT_BYTES {input_bytes}
#define MIRNET_OUTPUT {output}
#define MIRNET_OUTPUT_BYTES {output_bytes}

extern int8_t mirnet_arena[MIRNET_ARENA_BYTES];
extern volatile int32_t mirnet_step; /* the step that runs, from 0; MIRNET_OPERATORS when all are done */

/* Computes the output from the input; both lie in the arena. */
void mirnet_run(void);

#ifdef __cplusplus
}}
#endif

#endif
"""

NETWORK_C = """\
{note}

#include "mirnet_network.h"

#include "mirnet_kernels.h"
#include "mirnet_weights.h"

#ifndef MIRNET_BEFORE
#define MIRNET_BEFORE /* for clocks: what to do when the first operator is about to begin */
#endif
#ifndef MIRNET_AFTER
#define MIRNET_AFTER(tensor, address, size) /* for clocks and tests: what to do when a tensor has been made */
#endif

int8_t mirnet_arena[MIRNET_ARENA_BYTES] __attribute__((aligned(16)));
{scratch}volatile int32_t mirnet_step;

{constants}

void mirnet_run(void) {{
  int8_t *const arena = mirnet_arena;

  MIRNET_BEFORE
{steps}
  mirnet_step = MIRNET_OPERATORS;
}}
"""

SCRATCH = """\
static union {
  int16_t ring[MIRNET_SCRATCH_BYTES / 2];
  int32_t tables[MIRNET_SCRATCH_BYTES / 4];
} mirnet_scratch; /* of one kernel at a time */
"""

RESTORE_H = """\
{note}

#ifndef MIRNET_RESTORE_H
#define MIRNET_RESTORE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

#define MIRNET_ROWS {rows}
#define MIRNET_COLUMNS {columns}
#define MIRNET_FRAME_BYTES {frame} /* of the camera, Y U Y V */
#define MIRNET_ROW_BYTES {row} /* of the restored picture, R G B */

/* Restores a frame and hands out the picture row by row. */
void mirnet_restore(const uint8_t *frame, void (*row)(int y, const uint8_t *rgb, void *context), void *context);

#ifdef __cplusplus
}}
#endif

#endif
"""

RESTORE_C = """\
{note}

#include "mirnet_restore.h"

#include "mirnet_network.h"
#include "mirnet_pixels.h"

{tables}

static const struct mirnet_pixels pixels = {{MIRNET_ROWS, MIRNET_COLUMNS, {stem}, levels, base, residual}};

void mirnet_restore(const uint8_t *frame, void (*row)(int y, const uint8_t *rgb, void *context), void *context) {{
  uint8_t rgb[MIRNET_ROW_BYTES];
  mirnet_fold(&pixels, frame, mirnet_arena + MIRNET_INPUT);
  mirnet_run();
  for (int y = 0; y < MIRNET_ROWS; ++y) {{
    mirnet_unfold_row(&pixels, frame, mirnet_arena + MIRNET_OUTPUT, y, rgb);
    row(y, rgb, context);
  }}
}}
"""


def generate(model: bytes, dsp: bool = True) -> dict[str, str]:
    """The C of a model, pixels included.

    Args:
        model: Bytes of a .tflite file of `mirnet quantize`.
        dsp: Convolutions for the Cortex-M4 with its DSP instructions, which have the same result everywhere else,
            slower; or the portable ones, which need no memory for themselves.

    Returns:
        File name to text.

    Raises:
        MirnetError: If it is no such file, or has an operator that there is no kernel for, naming its layer.
    """
    emulator = Emulator(model)
    digest = sha256(model).hexdigest()[:HASH_DIGITS]
    return {**generate_network(emulator.graph, digest, dsp), **_restore(emulator.tables, digest), **kernels()}


def kernels() -> dict[str, str]:
    """The C that does not depend on the model: file name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(KERNELS.glob("*.[ch]"))}


def generate_network(graph: Graph, digest: str, dsp: bool = True) -> dict[str, str]:
    """The network alone: int8 in, int8 out.

    Args:
        graph: An int8 graph.
        digest: What to call it.
        dsp: As for `generate`.

    Returns:
        File name to text, without the kernels.

    Raises:
        MirnetError: If it has an operator that there is no kernel for, naming its layer.
    """
    plan, arrays, note = make_plan(graph), Arrays(), NOTE.format(digest=digest)
    emitted = [emit(Job(graph, graph.operators[k], arrays, _address(plan), dsp)) for k in plan.order]
    scratch = max((each.scratch for each in emitted), default=0)
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    header = NETWORK_H.format(
        note=note,
        digest=digest,
        operators=len(graph.operators),
        arena=plan.peak,
        scratch=scratch,
        input=plan.offsets[source.index],
        input_bytes=source.bytes,
        output=plan.offsets[target.index],
        output_bytes=target.bytes,
    )
    weights = "\n\n".join([note, "#include <stdint.h>", *arrays.texts]) + "\n"
    code = NETWORK_C.format(
        note=note,
        scratch=SCRATCH if scratch else "",
        constants="\n".join(each.constant for each in emitted if each.constant),
        steps="\n".join(_steps(graph, plan, emitted)),
    )
    return {"mirnet_network.h": header, "mirnet_network.c": code, "mirnet_weights.h": weights}


def _address(plan: Plan) -> Callable[[int], str]:
    return lambda tensor: f"arena + {plan.offsets[tensor]}"


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
    note = NOTE.format(digest=digest)
    texts = [
        array("levels", tables.levels),
        array("base", np.asarray(tables.base, np.int32)),
        array("residual", np.asarray(tables.residual, np.int32)),
    ]
    frame, row = ROWS * COLUMNS * 2, COLUMNS * 3
    return {
        "mirnet_restore.h": RESTORE_H.format(note=note, rows=ROWS, columns=COLUMNS, frame=frame, row=row),
        "mirnet_restore.c": RESTORE_C.format(note=note, tables="\n\n".join(texts), stem=tables.stem),
    }
