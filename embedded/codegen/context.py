"""Context of the code generation: the operator to write, and the constant arrays that all operators share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from embedded.memory.scratch import MOST
from embedded.tflite.graph import Graph, Operator, Tensor
from embedded.tflite.naming import named
from model.errors import MirnetError

__all__ = ["Arrays", "Emitted", "Job", "array", "braces"]

LINE = 118
C_TYPES = {"int8": "int8_t", "int32": "int32_t"}


@dataclass(frozen=True)
class Arrays:
    """Constant arrays by content: layers that share weights share them in flash too.

    Attributes:
        names: Type and bytes to name.
        texts: The definitions, in the order of the operators.
    """

    names: dict[tuple[str, bytes], str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def add(self, name: str, values, dtype: str) -> str:
        """The name of an array with these values; `name` if there was none."""
        integers = np.ascontiguousarray(values, dtype)
        key = (dtype, integers.tobytes())
        if key not in self.names:
            self.names[key] = name
            self.texts.append(array(name, integers))
        return self.names[key]


@dataclass(frozen=True)
class Emitted:
    """C for one operator.

    Attributes:
        constant: Definition of its struct; empty if it has none.
        calls: Statements that run it; none where nothing has to be done.
        scratch: Bytes of `mirnet_scratch`.
    """

    constant: str
    calls: tuple[str, ...]
    scratch: int = 0


@dataclass(frozen=True)
class Job:
    """An operator to write as C.

    Attributes:
        graph: An int8 graph.
        operator: One of its operators.
        arrays: Where its constant arrays go.
        address: The address of a computed tensor, as C.
        dsp: Whether to use the kernels with DSP instructions.
        scratch_limit: Bytes of scratch memory that they may ask for.
    """

    graph: Graph
    operator: Operator
    arrays: Arrays
    address: Callable[[int], str]
    dsp: bool = False
    scratch_limit: int = MOST

    @property
    def output(self) -> Tensor:
        """The tensor that the operator writes."""
        return self.graph.tensors[self.operator.outputs[0]]

    def input(self, position: int) -> Tensor:
        """A tensor that the operator reads, by its position among the inputs."""
        return self.graph.tensors[self.operator.inputs[position]]

    def constant(self, position: int) -> np.ndarray:
        """The values of a constant input; refused if it is computed."""
        data = self.input(position).data
        if data is None:
            raise self.refusal(f"its input {position} must be a constant")
        return data

    def add(self, what: str, values, dtype: str = "int8") -> str:
        """Adds a constant array; returns its name."""
        return self.arrays.add(f"{what}_{self.operator.index}", values, dtype)

    @property
    def name(self) -> str:
        """Name of the operator's struct."""
        return f"operator_{self.operator.index}"

    def struct(self, kind: str, values: Iterable) -> str:
        """Definition of the operator's struct: its kind (without `mirnet_`) and its values."""
        return f"static const struct mirnet_{kind} {self.name} = {braces(*values)};"

    def call(
        self, kernel: str, struct: str, values: Iterable, *tensors: Tensor, scratch: int = 0, seen_as: str = "ring"
    ) -> Emitted:
        """A call of a kernel with a struct and tensors by address.

        Args:
            kernel: Its name, without `mirnet_`.
            struct: Kind of the struct, without `mirnet_`.
            values: Its values.
            tensors: To read and to write.
            scratch: Bytes of scratch memory; its address comes last.
            seen_as: Member of the union `mirnet_scratch`: int16 `ring`, int32 `tables`.
        """
        addresses = "".join(f", {self.where(tensor)}" for tensor in tensors)
        addresses += f", mirnet_scratch.{seen_as}" if scratch else ""
        return Emitted(self.struct(struct, values), (f"mirnet_{kernel}(&{self.name}{addresses});",), scratch)

    def where(self, tensor: Tensor) -> str:
        """Address of a computed tensor, as C."""
        if tensor.data is not None:
            raise self.refusal("it computes with a constant where the kernels expect a computed tensor")
        return self.address(tensor.index)

    def refusal(self, why: str) -> MirnetError:
        """The error for an operator that no kernel can run."""
        return MirnetError(f"there is no C for {named(self.graph, self.operator)}: {why}")


def braces(*values: object) -> str:
    """Values of a struct or an array as C."""
    return "{" + ", ".join(map(str, values)) + "}"


def array(name: str, values: np.ndarray) -> str:
    """A constant array as C, in lines of a readable length."""
    # The DSP kernels load 32-bit words from arrays of int8 too.
    head = f"static const {C_TYPES[values.dtype.name]} {name}[{values.size}] __attribute__((aligned(4))) = {{"
    lines, line = [head], " "
    for value in values.ravel().tolist():
        text = " INT32_MIN," if value == -(1 << 31) else f" {value},"  # C has no literal for it
        if len(line) + len(text) > LINE:
            lines.append(line)
            line = " "
        line += text
    return "\n".join([*lines, line.removesuffix(","), "};"])
