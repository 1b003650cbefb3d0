"""Pooling: mean over the picture, mean and maximum over the channels."""

from dataclasses import dataclass

from explain.cell.operands import Arithmetic, Operand, Place, Reader, Step, total

__all__ = ["MeanOverPicture", "OverChannels"]


@dataclass(frozen=True)
class MeanOverPicture:
    """Global average pooling: one number for each channel."""

    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """The mean of the channel over all positions."""
        rows, columns, _ = read.shape(self.source)
        share, channel = 1 / (rows * columns), place[2]
        operands = read.channel("x", self.source, channel, share)
        return _mean(operands, f"of channel {channel} over the whole picture", r"H\,W", "i, j", "x[i, j, c]")


@dataclass(frozen=True)
class OverChannels:
    """The two channels that spatial attention pools: maximum and mean over the channels of a position."""

    source: str

    def __call__(self, read: Reader, place: Place) -> Arithmetic:
        """Channel 0 of the result is the maximum, channel 1 the mean."""
        row, column, which = place
        count = read.shape(self.source)[2]
        weight = None if which == 0 else 1 / count
        operands = [read.operand("x", self.source, (row, column, c), weight) for c in range(count)]
        if which == 1:
            return _mean(operands, "of all channels at the position", "C", "c", "x[i, j, c]")
        values = [operand.value for operand in operands]
        largest = values.index(max(values))
        return Arithmetic(
            kind="maximum",
            how="largest",
            rule=f"the largest of the {count} channels at the position: channel {largest} has it",
            formula=r"\max_{c} x[i, j, c]",
            operands=tuple(operands),
            steps=(
                Step("how many values", count, symbol="C"),
                Step("the channel of the largest", largest, symbol=r"\operatorname{argmax}_{c} x[i, j, c]"),
            ),
            result=values[largest],
        )


def _mean(operands: list[Operand], of: str, count: str, index: str, term: str) -> Arithmetic:
    values, result = [operand.value for operand in operands], total(operands)
    steps = (
        Step("how many values", len(values), symbol=count),
        Step("their sum", sum(values), symbol=rf"\textstyle\sum_{{{index}}} {term}"),
        Step("divided by how many", result),
    )
    return Arithmetic(
        kind="mean",
        how="sum",
        rule=f"the mean {of}: {len(operands)} numbers, each with the same weight",
        formula=rf"\frac{{1}}{{{count}}} \sum_{{{index}}} {term}",
        operands=tuple(operands),
        steps=steps,
        result=result,
    )
