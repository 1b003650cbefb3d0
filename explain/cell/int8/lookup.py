"""LOGISTIC and SOFTMAX: exponentials without floats, from tables of 256 entries and Newton's method.

"Qn" is fixed point: an int32 with n bits before the binary point and 31 - n behind it.
"""

import math
from functools import cache

from embedded.codegen.fixed_point import exponential_table, logistic_table
from explain.cell.int8.operator import Int8Operator, coordinates
from explain.cell.int8.requantization import LEAST, MOST, multiply_high, shift_right
from explain.cell.operands import Arithmetic, Place, Step

__all__ = ["logistic", "softmax"]

ONE = 2**31 - 1  # the nearest to 1 that a Q0 can be
SUM_BITS = 12  # the sum of exponentials is a Q12
OUTPUT_BITS = 8
Q2_48_OVER_17, Q2_MINUS_32_OVER_17, Q2_ONE = 1515870810, -1010580540, 2**29
FEW = 8  # exponentials that are listed one by one

_logistic_table, _exponential_table = cache(logistic_table), cache(exponential_table)


def logistic(job: Int8Operator, place: Place) -> Arithmetic:
    """A sigmoid gate: a table with an entry for each of the 256 int8 logits."""
    source = job.input(0)
    operand = job.operand("q", source, coordinates(job.output.shape, place))
    result = _logistic_table(source.scale, source.zero_point)[int(operand.value) - LEAST]
    logit = source.scale * operand.part
    return job.explained(
        how="function",
        rule="a gate: the sigmoid of a logit, looked up in a table; steps of 1/256 from -128, which is 0",
        formula=r"\operatorname{clip}\left(-128 + \operatorname{round} \frac{256}{1 + e^{-s (q - z)}}\right)",
        operands=(operand,),
        steps=(
            Step("the logit, dequantized", logit, symbol=r"s\,(q - z)"),
            Step("its sigmoid", 0.5 * (1 + math.tanh(logit / 2)), symbol=r"1 / (1 + e^{-s (q - z)})"),
            Step("the entry of the table", result),
        ),
        result=result,
        where=(("s", f"{source.scale:.6g}"), ("z", str(source.zero_point))),
    )


def softmax(job: Int8Operator, place: Place) -> Arithmetic:
    """Shares of the last axis: exponentials from a table, one division, rounded to 1/256."""
    source, at = job.input(0), coordinates(job.output.shape, place)
    table = _exponential_table(source.scale, job.options["beta"])
    operands = [job.operand("q", source, (*at[:-1], k)) for k in range(source.shape[-1])]
    most = max(int(operand.value) for operand in operands)
    found = [table[most - int(operand.value)] for operand in operands]
    powers = [max(power, 0) for power in found]  # -1 stands for what is too small to count
    sum_ = sum(shift_right(power, SUM_BITS) for power in powers)
    reciprocal, bits = _reciprocal(sum_)
    share = shift_right(multiply_high(reciprocal, powers[at[-1]]), bits)
    result = min(max(share + LEAST, LEAST), MOST)
    few = len(powers) <= FEW
    listed = [
        Step(
            f"exponential of logit {k + 1} (minus the largest), × 2^31",
            power,
            symbol=rf"2^{{31}} e^{{s (q_{k + 1} - q_\text{{max}})}}",
        )
        for k, power in enumerate(powers)
        if few
    ]
    return job.explained(
        how="largest",
        rule=f"softmax: {len(operands)} logits compete; each exponential from a table, their shares in steps of 1/256 "
        "from -128, which is 0",
        formula=r"\operatorname{clip}\left(-128 + \operatorname{round} "
        r"\frac{256 \, e^{s (q - q_\text{max})}}{\sum_{k} e^{s (q_k - q_\text{max})}}\right)",
        operands=operands,
        steps=(
            Step("the largest", most, symbol=r"q_\text{max}"),
            *listed,
            Step("sum of the exponentials, × 2^19", sum_, symbol=r"2^{19} \textstyle\sum_k e^{s (q_k - q_\text{max})}"),
            Step("mantissa of 1 / sum, × 2^31", reciprocal),
            Step("shift to the right of (own exponential × that)", bits),
            Step("its share, in steps of 1/256", share),
            Step(f"minus 128, saturated to [{LEAST}, {MOST}]", result),
        ),
        result=result,
        where=(("s", f"{source.scale:.6g}"),),
    )


def _reciprocal(sum_: int) -> tuple[int, int]:
    """1 / sum as a Q0 and a shift to the right that ends in steps of 1/256. The sum is a Q12 above 0."""
    headroom = 32 - sum_.bit_length()
    fraction = (sum_ << headroom) - 2**31  # sum = 2^n · (1 + fraction)
    half = (fraction + ONE + 1) // 2
    guess = Q2_48_OVER_17 + multiply_high(half, Q2_MINUS_32_OVER_17)
    for _ in range(3):
        error = Q2_ONE - multiply_high(half, guess)
        guess += 4 * multiply_high(guess, error)
    return min(2 * guess, ONE), SUM_BITS - headroom + 31 - OUTPUT_BITS
