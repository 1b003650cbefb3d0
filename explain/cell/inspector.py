"""Cell inspector of the float network."""

from collections.abc import Mapping
from difflib import get_close_matches

import keras
import numpy as np
from keras import ops

from explain.cell.operands import Cell, CellRef, Reader, TensorName, checked_place
from explain.cell.rules.wiring import rules_of
from explain.tracing.sites import label
from model.errors import HookError, MirnetError

__all__ = ["CellInspector", "explain_cell"]


class CellInspector:
    """Explains single values of a run of a network.

    Args:
        net: A `MIRNet`, or one of its components.
        cache: What `run_with_cache` kept of a run: everything, or at least what is asked for and what that is made of.
            Of a batch, the first picture is explained.

    Raises:
        MirnetError: If `net` is no part of a MIRNet.
    """

    def __init__(self, net: keras.Layer, cache: Mapping[str, np.ndarray]):
        self._book = rules_of(net)
        self._cache = cache
        self._made: dict[str, np.ndarray] = {}  # inner tensors, once they were needed
        self._reader = Reader(lambda name: self._tensor(name)[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Every tensor that can be explained, inner ones too, in the order of execution."""
        return tuple(self._book.entries)

    def shape(self, tensor: TensorName) -> tuple[int, int, int]:
        """(rows, columns, channels) of a tensor.

        Raises:
            MirnetError: If there is none of that name.
        """
        self._check(tensor)
        return self._reader.shape(tensor)

    def values(self, tensor: TensorName) -> np.ndarray:
        """The values of a tensor, (rows, columns, channels). Do not write to them.

        Raises:
            MirnetError: If there is none of that name.
        """
        self._check(tensor)
        return self._reader.values(tensor)

    def cell(self, tensor: TensorName, row: int, column: int, channel: int) -> Cell:
        """Explains one value.

        Args:
            tensor: A hook point, or an inner tensor as a `CellRef` names it.
            row: From 0.
            column: From 0.
            channel: From 0.

        Raises:
            MirnetError: If there is no such tensor, the position is outside (with the range), or the cache lacks it.
        """
        shape = self.shape(tensor)
        place = checked_place(tensor, shape, (row, column, channel))
        arithmetic = self._book.entries[str(tensor)].rule(self._reader, place)
        value = self._reader.values(tensor)[place].item()
        return Cell(CellRef(tensor, *place), label(str(tensor)), shape, value, arithmetic)

    def _check(self, tensor: TensorName) -> None:
        if tensor not in self._book.entries:
            near = get_close_matches(str(tensor), self._book.entries, n=3, cutoff=0.3) or list(self._book.entries)[-1:]
            raise HookError(f"{tensor!r} is no tensor of this network; did you mean {' or '.join(near)}?")

    def _tensor(self, name: TensorName) -> np.ndarray:
        """The values of a tensor, with the batch axis; of an inner one, made by the network's own layers."""
        name = str(name)
        entry = self._book.entries[name]
        if entry.run is None:
            if name not in self._cache:
                raise MirnetError(f"the cache has no {name}: keep it (run_with_cache without names keeps everything)")
            return self._cache[name]
        if name not in self._made:
            given = [ops.convert_to_tensor(self._tensor(source)[:1]) for source in entry.sources]
            self._made[name] = ops.convert_to_numpy(entry.run(*given))
        return self._made[name]


def explain_cell(
    net: keras.Layer, cache: Mapping[str, np.ndarray], tensor: str, row: int, column: int, channel: int
) -> Cell:
    """Explains one value of a run of a network. For many values of one run, `CellInspector` is quicker.

    Args:
        net: A `MIRNet`, or one of its components.
        cache: What `run_with_cache` kept of a run.
        tensor: A hook point, or an inner tensor as a `CellRef` names it.
        row: From 0.
        column: From 0.
        channel: From 0.

    Returns:
        The number, the rule that made it, its operands and the steps; `as_text` and `as_latex` write it down.

    Raises:
        MirnetError: If there is no such tensor, the position is outside (with the range), or the cache lacks it.
    """
    return CellInspector(net, cache).cell(tensor, row, column, channel)
