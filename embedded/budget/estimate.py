"""An estimate with its range: lowest, likely, highest.

```python
branch = Estimate(2, 2, 4)  # cycles
loop = 1000 * (branch + 1)  # Estimate(lowest=3000, likely=3000, highest=5000)
loop / 64e6  # seconds at 64 MHz
```
"""

from dataclasses import astuple, dataclass

__all__ = ["Estimate", "exactly"]


@dataclass(frozen=True)
class Estimate:
    """Cycles or seconds; the three add up and scale each for itself.

    Attributes:
        lowest: If every assumption is as good as it can be.
        likely: What to reckon with.
        highest: If every assumption is as bad as it can be.
    """

    lowest: float = 0
    likely: float = 0
    highest: float = 0

    def __add__(self, other: "Estimate | float") -> "Estimate":
        return Estimate(*(a + b for a, b in zip(astuple(self), astuple(exactly(other)), strict=True)))

    __radd__ = __add__

    def __mul__(self, factor: float) -> "Estimate":
        return Estimate(self.lowest * factor, self.likely * factor, self.highest * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> "Estimate":
        return Estimate(self.lowest / divisor, self.likely / divisor, self.highest / divisor)

    def __str__(self) -> str:
        return f"{self.likely:.2g} ({self.lowest:.2g} to {self.highest:.2g})"


def exactly(value: "Estimate | float") -> Estimate:
    """A number as an estimate without a range; an estimate stays as it is."""
    return value if isinstance(value, Estimate) else Estimate(value, value, value)
