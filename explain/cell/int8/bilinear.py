"""RESIZE_BILINEAR: four neighbours, with integer weights in 1/1024."""

from explain.cell.int8.operator import Int8Operator, coordinates
from explain.cell.int8.requantization import shift_right
from explain.cell.operands import Arithmetic, Place, Step

__all__ = ["resize_bilinear"]

BITS = 10
ONE = 1 << BITS


def resize_bilinear(job: Int8Operator, place: Place) -> Arithmetic:
    """A weighted mean of the four nearest positions; input and output share scale and zero point."""
    source, output, options = job.input(0), job.output, job.options
    if options["alignCorners"] or not options["halfPixelCenters"]:
        raise job.refusal("it does not lay centres of pixels on centres of pixels")
    _, row, column, channel = coordinates(output.shape, place)
    weights: dict[tuple[int, int], int] = {}
    for y, vertical in _between(row, source.shape[1], output.shape[1]):
        for x, horizontal in _between(column, source.shape[2], output.shape[2]):
            weights[y, x] = weights.get((y, x), 0) + vertical * horizontal  # at the border, neighbours fall together
    operands = [
        job.operand("q", source, (0, y, x, channel), weight)._replace(zero_point=0)
        for (y, x), weight in weights.items()
    ]
    sum_ = int(sum(operand.part for operand in operands))
    result = shift_right(sum_, 2 * BITS)
    return job.explained(
        how="sum",
        rule=f"bilinear enlargement: the {len(operands)} nearest positions, weights in 1/2^{2 * BITS}, rounded once",
        formula=rf"\operatorname{{round}}\big(2^{{-{2 * BITS}}} S\big)",
        operands=operands,
        steps=(
            Step("the accumulator, an int32", sum_, symbol="S"),
            Step(f"shifted right by {2 * BITS} bits, rounded", result),
        ),
        result=result,
        where=(("S", r"\textstyle\sum w \, q"),),
    )


def _between(at: int, size: int, output: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The two rows (columns) of the input that one of the output lies between, and their weights in 1/1024."""
    step = (ONE * size + output // 2) // output
    scaled = at * step + step // 2 - ONE // 2
    before, after = max(scaled // ONE, 0), min(max(-(-scaled // ONE), 0), size - 1)
    weight = scaled - ONE * before
    return (before, ONE - weight), (after, weight)
