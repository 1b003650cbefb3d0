"""The cell inspector: any value of any tensor, with the arithmetic that made it and its operands.

```python
cell = explain_cell(net, cache, "rrg_1/mrb_1/column_1/dau_1/body", row=3, column=5, channel=2)
print(as_text(cell))                   # the largest products, their sum, and whether it is what the network has
first = cell.operands[0].ref           # where the first operand is: explain that one, and so on to the photo

tensors = emulator.tensors(frame)      # the same for the board's int8 tensors, bit for bit
cell = explain_int8_cell(emulator, tensors, "rrg_1/out", (3, 5, 2), frame)
```

Nothing is taken from the network's own run but the operands: the result is computed again here, in NumPy's float64 or
in integers, so a cell also says whether the network did what its formula says. Every kind of arithmetic has a file
of its own: float in `rules/`, int8 in `int8/`.

Names are loaded when first used: int8 needs no Keras.
"""

from mirnet_packages import lazy_names

_HOME = {
    "Cell": "operands",
    "CellInspector": "inspector",
    "CellRef": "operands",
    "Int8Inspector": "int8.int8_inspector",
    "Operand": "operands",
    "Step": "operands",
    "as_latex": "latex",
    "as_text": "text",
    "explain_cell": "inspector",
    "explain_int8_cell": "int8.int8_inspector",
}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
