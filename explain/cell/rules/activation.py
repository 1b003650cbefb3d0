"""PReLU and ReLU of one value."""

from dataclasses import dataclass

import keras

from explain.cell.operands import Arithmetic, Place, Reader, Step

__all__ = ["Activation"]


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation of one number.

    Attributes:
        source: The tensor before it.
        layer: PReLU with its one learned slope; anything else is a plain ReLU.
    """

    source: str
    layer: keras.Layer | None = None

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The value, or slope times the value."""
        learned = isinstance(self.layer, keras.layers.PReLU)
        slope = float(keras.ops.convert_to_numpy(self.layer.alpha).ravel()[0]) if learned else 0.0  # type: ignore[union-attr]
        above = read.values(self.source)[place] > 0
        operand = read.operand("x", self.source, place, 1.0 if above else slope)
        case = "it is above 0 and passes" if above else f"it is not above 0 and is multiplied by {slope:g}"
        below = r"a \cdot x" if learned else "0"
        return Arithmetic(
            kind="PReLU" if learned else "ReLU",
            how="function",
            rule=f"{'PReLU' if learned else 'ReLU'} of one number: {case}",
            formula=rf"\begin{{cases}} x & x > 0 \\ {below} & x \le 0 \end{{cases}}",
            operands=(operand,),
            steps=(Step("slope below 0", slope, symbol="a"),) if learned else (),
            result=operand.part + 0.0,  # 0 times what is below 0 would be -0
        )
