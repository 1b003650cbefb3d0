"""Numbers that go through a curve or compete, as HTML with links: gates, PReLU, softmax, maximum, and a product.

Their curves and bars are in `cell_charts`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explain.app.views.cell.drawing_parts import Pen, short
from explain.app.widgets.decimals import minus
from explain.cell import Cell, Operand
from explain.cell.writing import bracketed

__all__ = [
    *("Competition", "compete", "competition", "dequantized"),
    *("gate", "largest", "order_of", "product", "rectifier", "slope_of"),
]

MOST = 12  # competitors with a line each


@dataclass(frozen=True)
class Competition:
    """A softmax, competitor by competitor.

    Attributes:
        logits: (n,) what competes.
        powers: (n,) e to the power of (logit − largest logit), in (0, 1].
        shares: (n,) what each gets; they add up to 1.
        own: Which of them the cell is.
        shown: Which of them have a line each.
        left: The others, the largest first.
    """

    logits: tuple[float, ...]
    powers: tuple[float, ...]
    shares: tuple[float, ...]
    own: int
    shown: tuple[int, ...]
    left: tuple[int, ...]


def gate(cell: Cell, pen: Pen) -> str:
    """The sigmoid of a logit."""
    operand = cell.operands[0]
    return (
        f"<h3>From the logit to the gate</h3><div class='chips'>{pen.chip(operand)}</div><p>The logit "
        f"{short(dequantized(operand))} becomes the gate <b>{short(cell.real)}</b>: {cell.real:.0%} passes.</p>"
    )


def rectifier(cell: Cell, pen: Pen) -> str:
    """PReLU or ReLU of a number."""
    operand = cell.operands[0]
    below = f"is multiplied by the learned slope {short(slope_of(cell))}" if cell.kind == "PReLU" else "becomes 0"
    says = "above 0: it passes as it is" if operand.value > 0 else f"not above 0: it {below}"
    return (
        f"<h3>Above 0 or not</h3><div class='chips'>{pen.chip(operand)}</div>"
        f"<p>The number is {says}. Result: <b>{short(cell.recomputed)}</b></p>"
    )


def slope_of(cell: Cell) -> float:
    """What a PReLU multiplies numbers below 0 with; 0 of a ReLU."""
    return next((step.value for step in cell.steps), 0.0)


def competition(cell: Cell) -> Competition:
    """The softmax that a cell is one share of."""
    logits = [dequantized(operand) for operand in cell.operands]
    powers = [math.exp(logit - max(logits)) for logit in logits]
    shares = [power / sum(powers) for power in powers]
    own = next(k for k, operand in enumerate(cell.operands) if operand.ref and operand.ref[1:] == cell.ref[1:])
    order = sorted(range(len(shares)), key=lambda k: -shares[k]) if len(shares) > MOST else list(range(len(shares)))
    shown = order[:MOST] if own in order[:MOST] else [*order[: MOST - 1], own]
    left = tuple(k for k in order if k not in shown)
    return Competition(tuple(logits), tuple(powers), tuple(shares), own, tuple(shown), left)


def compete(cell: Cell, pen: Pen) -> str:
    """A softmax: logits, exponentials, shares."""
    found = competition(cell)
    z, exponential, share = _even(found.logits), _even(found.powers), _even(found.shares)
    lines = "".join(
        f'<tr class="{"own" if k == found.own else ""}"><td>{_stream(k, cell)}{pen.label(cell.operands[k])}</td>'
        f"<td>{z(found.logits[k])}</td><td>{exponential(found.powers[k])}</td><td>{share(found.shares[k])}</td></tr>"
        for k in found.shown
    )
    chips = "".join(f"<span>{pen.label(cell.operands[k])} {share(found.shares[k])}</span>" for k in found.left)
    return (
        "<h3>Who gets how much</h3><p class='small'>Each logit z, e to the power of (z − the largest z), and its "
        "share of their sum. The shares add up to 1; the marked one is this number.</p>"
        f"<table><tr><th>logit</th><th>z</th><th>e<sup>z − {bracketed(z(max(found.logits)))}</sup></th><th>share</th>"
        f"</tr>{lines}</table>{_others(len(found.left), 'others', chips)}"
    )


def order_of(cell: Cell) -> list[int]:
    """Which operand is the largest, which the second, and so on."""
    return sorted(range(len(cell.operands)), key=lambda k: -cell.operands[k].value)


def largest(cell: Cell, pen: Pen) -> str:
    """A maximum: all numbers, the largest marked."""
    order = order_of(cell)
    lines = "".join(
        f'<tr class="{"" if rank else "own"}"><td>{pen.label(cell.operands[k])}</td>'
        f"<td>{short(cell.operands[k].value)}</td></tr>"
        for rank, k in enumerate(order[:MOST])
    )
    left = sorted(order[MOST:])
    chips = "".join(f"<span>{pen.label(cell.operands[k])} {short(cell.operands[k].value)}</span>" for k in left)
    return f"<h3>The largest wins</h3><table>{lines}</table>{_others(len(left), 'smaller ones', chips)}"


def product(cell: Cell, pen: Pen) -> str:
    """A number times a gate or a weight."""
    one, other = cell.operands
    share = dequantized(other)
    result = short(cell.real if cell.scale is not None else cell.recomputed)
    return (
        f"<h3>How much of it passes</h3><div class='chips'>{pen.chip(one)}<span class='sign'>×</span>{pen.chip(other)}"
        f"<span class='sign'>=</span><span class='chip'>result<b>{result}</b></span></div>"
        f"<p><progress value='{share:.2f}' aria-hidden='true'></progress> "
        f"{100 * share:.0f}% of {short(dequantized(one))} passes.</p>"
    )


def dequantized(operand: Operand) -> float:
    """The number, or the one that an integer stands for."""
    return operand.value if operand.scale is None else operand.scale * operand.part


def _others(count: int, name: str, chips: str) -> str:
    """Those without a line of their own, to be opened."""
    inside = f"<summary>{count} {name}</summary><div class='chips'>{chips}</div>"
    return f"<details>{inside}</details>" if count else ""


def _stream(k: int, cell: Cell) -> str:
    """Which stream a logit belongs to, where streams compete: they have numbers from 1."""
    rows = {operand.ref.row for operand in cell.operands if operand.ref is not None}
    return f"stream&nbsp;{k + 1}&nbsp;· " if len(rows) > 1 or cell.kind == "SOFTMAX" else ""


def _even(values: Sequence[float]) -> Callable[[float], str]:
    """Writes numbers that stand below one another with as many decimals as give the largest four digits."""
    decimals = min(max(3 - math.floor(math.log10(max(map(abs, values)) or 1.0)), 0), 9)
    return lambda value: minus(f"{value + 0.0:.{decimals}f}")
