"""MEAN and REDUCE_MAX: reductions over axes."""

from itertools import product

from embedded.codegen.fixed_point import mean_multiplier
from explain.cell.int8.operator import Int8Operator, coordinates
from explain.cell.int8.requantization import Scaling, finished
from explain.cell.operands import Arithmetic, Operand, Place, Step

__all__ = ["mean", "reduce_max"]


def mean(job: Int8Operator, place: Place) -> Arithmetic:
    """The sum, times a factor that has the division in it."""
    operands = _reduced(job, place)
    sum_ = int(sum(operand.part for operand in operands))
    factor = Scaling(*mean_multiplier(job.input(0).scale / job.output.scale, len(operands)))
    last, result = finished(sum_, factor, job.output, relu=False)
    return job.explained(
        how="sum",
        rule=f"the mean of {len(operands)} int8 values: added up, then multiplied by one factor that both divides "
        f"by {len(operands)} and scales to steps of {job.output.scale:.4g}",
        formula=r"\operatorname{clip}\big(z_\text{out} + \operatorname{round}(m\,S)\big)",
        operands=operands,
        steps=(
            Step("how many values", len(operands), symbol="n"),
            Step("the accumulator, an int32", sum_, symbol="S"),
            *last,
        ),
        result=result,
        where=(
            ("S", r"\textstyle\sum (q - z)"),
            ("z", str(job.input(0).zero_point)),
            job.end,
            ("m", factor.latex()),
        ),
    )


def reduce_max(job: Int8Operator, place: Place) -> Arithmetic:
    """The largest, as it is: input and output have one scale."""
    operands = _reduced(job, place)
    largest = max(operands, key=lambda operand: operand.value)
    return job.explained(
        how="largest",
        rule=f"the largest of {len(operands)} int8 values; scale and zero point stay",
        formula=r"\max q",
        operands=operands,
        steps=(
            Step("how many values", len(operands), symbol="n"),
            Step("which one is the largest, from 0", operands.index(largest), symbol=r"\operatorname{argmax} q"),
        ),
        result=int(largest.value),
    )


def _reduced(job: Int8Operator, place: Place) -> list[Operand]:
    """Everything along the axes that vanish."""
    source, shape = job.input(0), job.input(0).shape
    if len(job.output.shape) != len(shape):
        raise job.refusal("it drops axes")
    axes = {int(axis) % len(shape) for axis in job.constant(1).ravel()}
    at = coordinates(job.output.shape, place)
    ranges = [range(size) if axis in axes else (at[axis],) for axis, size in enumerate(shape)]
    return [job.operand("q", source, each) for each in product(*ranges)]
