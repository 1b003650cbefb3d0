"""ADD and MUL: two whole numbers of two scales become one of a third."""

from explain.cell.base import Arithmetic, Operand, Place, Step
from explain.cell.whole.job import Job, coordinates
from explain.cell.whole.rounding import finished, scaling

__all__ = ["add", "mul"]

FINE = 20  # bits by which both sides of a sum are made finer, so that little is lost before they are added


def add(job: Job, place: Place) -> Arithmetic:
    """Both sides are brought to one scale, added, and brought to that of the output."""
    one, other = _pair(job, place)
    widest = 2 * max(job.input(0).scale, job.input(1).scale)
    steps: list[Step] = []
    sum_ = 0
    for symbol, operand, source in (("a", one, job.input(0)), ("b", other, job.input(1))):
        side = scaling(source.scale / widest).apply(int(operand.part) << FINE)
        steps.append(Step(f"{symbol} less its zero point, in 2^-{FINE} of the common scale", side))
        sum_ += side
    last, result = finished(sum_, scaling(widest / ((1 << FINE) * job.output.scale)), job.output, job.relu)
    return job.explained(
        how="function",
        rule="a sum: both sides in fine steps of one common scale, added, then scaled to steps of "
        f"{job.output.scale:.4g}",
        formula=r"\operatorname{clip}\Big(z_\text{out} + \operatorname{round}\big(m \cdot "
        r"(m_a (a - z_a) + m_b (b - z_b))\big)\Big)",
        operands=(one, other),
        steps=(*steps, Step("the sum, an int32", sum_), *last),
        result=result,
    )


def mul(job: Job, place: Place) -> Arithmetic:
    """The product of two numbers less their zero points."""
    one, other = _pair(job, place)
    product = int(one.part * other.part)
    factor = job.input(0).scale * job.input(1).scale / job.output.scale
    last, result = finished(product, scaling(factor), job.output, job.relu, "the product")
    return job.explained(
        how="product",
        rule=f"a product: both numbers less their zero points, then scaled to steps of {job.output.scale:.4g}",
        formula=r"\operatorname{clip}\Big(z_\text{out} + \operatorname{round}\big(m \cdot (a - z_a)(b - z_b)\big)\Big)",
        operands=(one, other),
        steps=(Step("the product, an int32", product), *last),
        result=result,
    )


def _pair(job: Job, place: Place) -> tuple[Operand, Operand]:
    """Both sides; a side of size 1 along an axis is the same everywhere along it."""
    found = []
    for number, symbol in enumerate("ab"):
        source = job.input(number)
        if len(source.shape) != len(job.output.shape):
            raise job.refusal(f"it repeats {source.shape} over {job.output.shape}")
        at = coordinates(job.output.shape, place)
        same = [0 if size == 1 else where for size, where in zip(source.shape, at, strict=True)]
        found.append(job.operand(symbol, source, same))
    return found[0], found[1]
