"""Runs a model on an emulated Nano: from a camera frame to the restored picture, every instruction counted.

```python
onboard = OnBoard(Path("nano.tflite").read_bytes())  # generates the C, builds it, places it in the memory of a Nano
answer = onboard.restore(frame)
answer.picture                    # (120, 160, 3) uint8, what `Emulator.restore` gives, byte for byte
answer.instructions               # of a frame
answer.cycles                     # the same in cycles: lowest, likely, highest
for group in answer.by_kind: ...  # and what they were for
onboard.program.ram_bytes + answer.run.peak_stack
```

The picture takes more RAM than the Nano has left, and there it goes out by the serial port, row by row. Here it goes to
the outbox of `embedded.cortexm.unicorn_board`; the instructions for that are counted apart.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embedded.budget.estimate import Estimate
from embedded.budget.instructions import Work, work_of
from embedded.camera.frame_bytes import frame_bytes
from embedded.codegen.generate import generate
from embedded.cortexm.c_call import BEFORE, Run
from embedded.cortexm.program import RAM
from embedded.cortexm.qemu_board import QemuBoard
from embedded.cortexm.toolchain import BOARD_FILES, build
from embedded.cortexm.unicorn_board import EmulatedBoard
from embedded.memory.plan import make_plan
from embedded.tflite.graph import Operator
from embedded.tflite.graph_file import read_graph
from embedded.tflite.model_hash import hash_of
from embedded.tflite.naming import part_of
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["BoardAnswer", "Counted", "InstructionGroup", "OnBoard"]

SHAPE = (ROWS, COLUMNS, 3)
STEP, FRAME, RESTORE, OUTBOX = "mirnet_step", "onboard_frame", "onboard_restore", "board_outbox"


@dataclass(frozen=True)
class Counted:
    """Instructions and cycles of one operator.

    Attributes:
        step: Position in the order of the plan.
        kind: Of the operator, for convolutions with the size of the kernel: `CONV_2D 3x3`.
        part: The part of the network, one of `embedded.tflite.naming.PARTS`.
        work: MACs and elements.
        instructions: Counted.
        cycles: Estimated from the trace.
    """

    step: int
    kind: str
    part: str
    work: Work
    instructions: int
    cycles: Estimate


@dataclass(frozen=True)
class InstructionGroup:
    """Instructions and cycles of several operators together.

    Attributes:
        name: What they have in common.
        operators: How many there are; 0 for the pixels.
        macs: Their multiply–accumulates.
        elements: Of their outputs, or inputs (`embedded.budget.instructions`).
        instructions: Of all of them.
        by_part: Instructions by part of the network.
        cycles: Of all of them.
    """

    name: str
    operators: int
    macs: int
    elements: int
    instructions: int
    by_part: dict[str, int]
    cycles: Estimate

    @property
    def each(self) -> float:
        """Instructions per MAC, where there are MACs, or per element; 0 where there are none."""
        return self.instructions / (self.macs or self.elements or 1)

    @property
    def unit(self) -> str:
        """Unit of `each`: `MAC` or `element`."""
        return "MAC" if self.macs else "element"


@dataclass(frozen=True, eq=False)
class BoardAnswer:
    """Restored picture and instructions of one frame.

    Attributes:
        picture: (120, 160, 3) uint8.
        run: The whole call, sending of the picture included.
        operators: Instructions of each operator, in the order of the plan; empty where they were not counted.
        pixels_in: Instructions from the camera's bytes to the network's input.
        pixels_out: Instructions from the network's output and the camera's bytes to the rows of the picture.
        handing_over: Instructions of the harness, which sends the rows.
    """

    picture: np.ndarray
    run: Run
    operators: tuple[Counted, ...] = ()
    pixels_in: int = 0
    pixels_out: int = 0
    handing_over: int = 0

    @property
    def instructions(self) -> int:
        """From the camera's bytes to the last row; 0 if not counted."""
        return self.run.instructions - self.handing_over

    @property
    def cycles(self) -> Estimate:
        """The same in cycles, see `embedded.cortexm.timing`; nothing if not counted."""
        sent = self.run.cycles_by_step.get(len(self.operators) + 1, Estimate())
        return self.run.cycles + sent * -1

    @property
    def macs(self) -> int:
        """Multiply–accumulates of all operators."""
        return sum(each.work.macs for each in self.operators)

    @property
    def by_kind(self) -> list[InstructionGroup]:
        """Operators by kind, and the conversion of the pixels at either end; most instructions first."""
        kinds: dict[str, list[Counted]] = defaultdict(list)
        for each in self.operators:
            kinds[each.kind].append(each)
        found = [_group(kind, counted) for kind, counted in kinds.items()]
        ends = (
            ("camera's bytes in", self.pixels_in, BEFORE),
            ("picture's rows out", self.pixels_out, len(self.operators)),
        )
        size, part, cycles = ROWS * COLUMNS * 3, "input and output", self.run.cycles_by_step
        found += [
            InstructionGroup(name, 0, 0, size, count, {part: count}, cycles[step])
            for name, count, step in ends
            if self.operators
        ]
        return sorted(found, key=lambda group: -group.instructions)


class OnBoard:
    """A model, compiled for the board.

    Args:
        model: Bytes of a .tflite file of `mirnet quantize`.
        compiler: As in `embedded.cortexm.toolchain.find_compiler`.
        dsp: As in `embedded.codegen.generate.generate`.
        ram: Bytes of RAM to link for: variables and stack, a multiple of 1024.

    Attributes:
        program: The linked program, with its flash and RAM: the frame is in it, the picture is not.
        digest: First bytes of the model's SHA-256, as in the generated C.

    Raises:
        BuildError: If it does not fit.
        MirnetError: If it is no such model, has an operator that there is no kernel for, or the compiler is missing.
    """

    def __init__(self, model: bytes, compiler: str = "", *, dsp: bool = True, ram: int = RAM):
        self.digest = hash_of(model).hex()
        self.graph = read_graph(model)
        sources = {**generate(model, dsp), "onboard.c": (BOARD_FILES / "onboard.c").read_text(encoding="utf-8")}
        self.program = build(sources, [RESTORE, FRAME, STEP], compiler, ram=ram)

    def restore(
        self, frame: np.ndarray, *, count: bool = True, watch: bool = False, tell: Callable[[int], None] | None = None
    ) -> BoardAnswer:
        """Restores a frame on the board of `embedded.cortexm.unicorn_board`.

        Args:
            frame: (120, 160, 2) uint8, the camera's bytes.
            count: Count instructions, by operator; without this it is ten times as fast.
            watch: As in `EmulatedBoard.call`.
            tell: Called with the number of operators done.

        Raises:
            BoardError: If the program does what the board cannot do.
            MirnetError: If it is no frame, or unicorn is missing.
        """
        board = self._emulated
        board.write(FRAME, frame_bytes(frame))
        run = board.call(RESTORE, count=count, watch=watch, tell=tell)
        return self._answer(run, board.read(OUTBOX, math.prod(SHAPE)))

    def restore_in_qemu(self, frame: np.ndarray) -> BoardAnswer:
        """Restores a frame on the board of `embedded.cortexm.qemu_board`: the same program, counted as a whole.

        Raises:
            BoardError: If the program faults.
            MirnetError: If it is no frame, or QEMU is missing.
        """
        board = QemuBoard(self.program)
        board.write(FRAME, frame_bytes(frame))
        run = board.call(RESTORE)
        return self._answer(run, board.read(OUTBOX, math.prod(SHAPE)))

    @cached_property
    def steps(self) -> tuple[Operator, ...]:
        """The operators, in the order of the plan."""
        return tuple(self.graph.operators[index] for index in make_plan(self.graph).order)

    @cached_property
    def _emulated(self) -> EmulatedBoard:
        return EmulatedBoard(self.program, STEP)

    def _answer(self, run: Run, sent: bytes) -> BoardAnswer:
        picture = np.frombuffer(sent, np.uint8).reshape(SHAPE)
        if not run.by_step:
            return BoardAnswer(picture, run)
        end = len(self.steps)
        counted = tuple(self._counted(step, run) for step in range(end))
        return BoardAnswer(picture, run, counted, run.by_step[BEFORE], run.by_step[end], run.by_step[end + 1])

    def _counted(self, step: int, run: Run) -> Counted:
        operator = self.steps[step]
        kind = operator.kind
        if kind.endswith("CONV_2D"):
            rows, columns = self.graph.tensors[operator.inputs[1]].shape[1:3]  # (output or 1, height, width, channels)
            kind += f" {rows}x{columns}"
        part = part_of(self.graph, operator.outputs[0])
        cycles = run.cycles_by_step.get(step, Estimate())
        return Counted(step, kind, part, work_of(self.graph, operator), run.by_step.get(step, 0), cycles)


def _group(name: str, counted: Sequence[Counted]) -> InstructionGroup:
    parts: dict[str, int] = defaultdict(int)
    for each in counted:
        parts[each.part] += each.instructions
    macs, elements = (sum(getattr(each.work, what) for each in counted) for what in ("macs", "elements"))
    instructions = sum(each.instructions for each in counted)
    cycles = sum((each.cycles for each in counted), Estimate())
    return InstructionGroup(name, len(counted), macs, elements, instructions, dict(parts), cycles)
