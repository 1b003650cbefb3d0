"""Names for the tensors of the board's graph, which has only numbers for them."""

from collections.abc import Mapping

from embedded.tflite.graph import Graph
from explain.cell.operands import TensorName

__all__ = ["board_names"]

Names = tuple[dict[str, TensorName], dict[TensorName, str]]


def board_names(graph: Graph, tensors: tuple[TensorName, ...], hooks: Mapping[str, int | None]) -> Names:
    """Names for tensors, and tensors for names.

    A tensor is called after its hook points. One between two hook points is called after the next one on the path to
    the output, as in the float network: `rrg_1/.../body#208`, with its number in the graph. The input without a hook
    point is `graph#0`; pictures around the graph keep their names.

    Args:
        graph: The board's graph.
        tensors: Its tensors and the pictures, in the order of execution.
        hooks: Hook point to its tensor; None if it was merged away.

    Returns:
        Every name to its tensor, in the order of execution, and every tensor to its first name.
    """
    own: dict[TensorName, list[str]] = {}
    for name, tensor in hooks.items():
        if tensor is not None:
            own.setdefault(tensor, []).append(name)
    called = {tensor: own[tensor][0] for tensor in own}
    for operator in reversed(graph.operators):
        nearest = called.get(operator.outputs[0], "graph").partition("#")[0]
        for source in operator.inputs:
            if source in tensors and source not in own:
                called[source] = f"{nearest}#{source}"
    by_tensor = {tensor: called.get(tensor, str(tensor)) for tensor in tensors}
    by_name = {name: tensor for tensor in tensors for name in own.get(tensor, [by_tensor[tensor]])}
    return by_name, by_tensor
