"""Values handed on as they are: given ones, a tensor of two names, space-to-depth and depth-to-space."""

from dataclasses import dataclass

from explain.cell.operands import Arithmetic, Place, Reader, Step

__all__ = ["DepthToSpace", "Given", "Same", "SpaceToDepth", "as_byte", "copied"]

NEAR_A_BYTE = 1e-3  # a photo's byte divided by 255 and rounded to float32 comes back nearer than this


@dataclass(frozen=True)
class Given:
    """The end of the chain: what the network, or a component run alone, was given.

    Attributes:
        tensor: The tensor that was given.
        pixels: Whether it is a picture within [0, 1].
    """

    tensor: str
    pixels: bool = False

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The value, and of a picture the byte that it comes from."""
        value = read.values(self.tensor)[place].item()
        byte = as_byte(value)
        if self.pixels and isinstance(byte, int):
            steps = (Step("byte of the photo", byte, symbol="v"), Step("divided by 255", byte / 255))
            return Arithmetic(
                "given", "copy", "a pixel of the photo: its byte, divided by 255", r"v / 255", (), steps, steps[1].value
            )
        return Arithmetic("given", "copy", "given from outside: nothing is computed", "x", (), (), value)


@dataclass(frozen=True)
class Same:
    """A second name of a tensor: what one component gives is what the next one takes."""

    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The value at the same position."""
        return copied(read, self.source, place, "the same number under another name", "x")


@dataclass(frozen=True)
class SpaceToDepth:
    """Squares of `factor` x `factor` pixels become one position: channel (3 · factor) · row + 3 · column + colour."""

    source: str
    factor: int

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The value in the square of pixels that it comes from."""
        row, column, channel = place
        channels = read.shape(self.source)[2]
        down, right = divmod(channel // channels, self.factor)
        before = (row * self.factor + down, column * self.factor + right, channel % channels)
        rule = f"row {down}, column {right} of a square of {self.factor} × {self.factor} pixels (space-to-depth)"
        return copied(read, self.source, before, rule, r"x[s\,i + \Delta i,\; s\,j + \Delta j,\; k]")


@dataclass(frozen=True)
class DepthToSpace:
    """Undoes `SpaceToDepth`: channels become squares of `factor` x `factor` pixels again."""

    source: str
    factor: int

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The value in the channel that it comes from."""
        row, column, colour = place
        channels = read.shape(self.source)[2] // self.factor**2
        down, right = row % self.factor, column % self.factor
        before = (row // self.factor, column // self.factor, (down * self.factor + right) * channels + colour)
        rule = f"channel {before[2]}, spread over a square of {self.factor} × {self.factor} pixels (depth-to-space)"
        formula = r"x[\lfloor i / s \rfloor,\; \lfloor j / s \rfloor,\; k']"
        return copied(read, self.source, before, rule, formula)


def as_byte(value: float) -> float:
    """A number of a picture within [0, 1] as one from 0 to 255; an int if it is one."""
    byte = value * 255
    return round(byte) if abs(byte - round(byte)) < NEAR_A_BYTE else byte


def copied(read: Reader, source: str, place: Place, rule: str, formula: str) -> Arithmetic:
    """A value handed on as it is."""
    operand = read.operand("x", source, place)
    return Arithmetic("copy", "copy", rule, formula, (operand,), (), operand.value)
