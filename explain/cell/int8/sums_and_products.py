"""ADD and MUL: two int8 values of two scales become one of a third."""

from explain.cell.int8.operator import Int8Operator, coordinates
from explain.cell.int8.requantization import finished, scaling
from explain.cell.operands import Arithmetic, Operand, Place, Step

__all__ = ["add", "mul"]

FINE = 20  # bits by which both sides of a sum are made finer, so that little is lost before they are added


def add(job: Int8Operator, place: Place) -> Arithmetic:
    """Both sides are brought to one scale, added, and brought to that of the output."""
    one, other = _pair(job, place)
    widest = 2 * max(job.input(0).scale, job.input(1).scale)
    steps: list[Step] = []
    where: list[tuple[str, str]] = []
    sum_ = 0
    for symbol, operand, source in (("a", one, job.input(0)), ("b", other, job.input(1))):
        factor = scaling(source.scale / widest)
        side = factor.apply(int(operand.part) << FINE)
        steps.append(Step(f"{symbol} minus its zero point, in 2^-{FINE} of the common scale", side))
        where += [(f"z_{symbol}", str(source.zero_point)), (f"m_{symbol}", factor.latex(str(factor.multiplier)))]
        sum_ += side
    last_factor = scaling(widest / ((1 << FINE) * job.output.scale))
    last, result = finished(sum_, last_factor, job.output, job.relu)
    return job.explained(
        how="function",
        rule="a sum: both sides in fine steps of one common scale, added, then requantized to steps of "
        f"{job.output.scale:.4g}",
        formula=r"\operatorname{clip}\big(z_\text{out} + \operatorname{round}(m\,S)\big)",
        operands=(one, other),
        steps=(*steps, Step("the accumulator, an int32", sum_, symbol="S"), *last),
        result=result,
        where=(
            ("S", rf"2^{{{FINE}}} \big(m_a (a - z_a) + m_b (b - z_b)\big)"),
            *where,
            job.end,
            ("m", last_factor.latex()),
        ),
    )


def mul(job: Int8Operator, place: Place) -> Arithmetic:
    """The product of two int8 values minus their zero points."""
    one, other = _pair(job, place)
    product = int(one.part * other.part)
    factor = scaling(job.input(0).scale * job.input(1).scale / job.output.scale)
    last, result = finished(product, factor, job.output, job.relu, "the product")
    return job.explained(
        how="product",
        rule=f"a product: both values minus their zero points, then requantized to steps of {job.output.scale:.4g}",
        formula=r"\operatorname{clip}\big(z_\text{out} + \operatorname{round}(m\,P)\big)",
        operands=(one, other),
        steps=(Step("the product, an int32", product, symbol="P"), *last),
        result=result,
        where=(
            ("P", "(a - z_a)(b - z_b)"),
            *((f"z_{symbol}", str(job.input(number).zero_point)) for number, symbol in enumerate("ab")),
            job.end,
            ("m", factor.latex()),
        ),
    )


def _pair(job: Int8Operator, place: Place) -> tuple[Operand, Operand]:
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
