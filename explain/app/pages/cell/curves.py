"""Numbers that go through a curve or compete: gates, PReLU, softmax, maximum, mean, and a gate that multiplies."""

import math
from collections.abc import Callable, Sequence

from explain.app.pages.cell.drawing_parts import Pen, short
from explain.app.widgets.decimals import minus as signed
from explain.cell import Cell, Operand
from explain.cell.writing import bracketed

__all__ = ["STYLE", "compete", "gate", "largest", "product", "rectifier"]

STYLE = """<style>
.cell .plot > div { flex: 1 1 12rem; min-width: 0; }
.cell .plot { display: flex; flex-wrap: wrap; gap: 1rem 1.6rem; align-items: center; }
.cell table { border-collapse: collapse; font-variant-numeric: tabular-nums; max-width: 46rem; width: 100%; }
.cell th { text-align: left; font-weight: 400; font-size: .8rem; opacity: .8; }
.cell td, .cell th { padding: .25rem .6rem .25rem 0; } .cell th sup { line-height: 1; white-space: nowrap; }
.cell tr.own { font-weight: 600; background: color-mix(in srgb, var(--accent) 14%, transparent); }
.cell .share { height: .8rem; min-width: 2px; border-radius: 2px; display: block; }
.cell .meter { display: inline-block; width: 8rem; height: .8rem; border: 1px solid var(--line); border-radius: 3px; }
.cell .meter i { display: block; height: 100%; background: var(--accent); }
.cell text { font-size: 12px; fill: currentColor; }
</style>"""

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 360, 190, 44, 26, 12  # of a drawing, in its own units
MOST = 12  # competitors with a line each


def gate(cell: Cell, pen: Pen) -> str:
    """The sigmoid, with the point."""
    operand = cell.operands[0]
    logit = _real(operand)
    reach = max(6.0, 1.2 * abs(logit))
    drawing = _plot(
        lambda x: 1 / (1 + math.exp(-x)),
        (-reach, reach),
        (0.0, 1.0),
        (logit, cell.real),
        pen,
        f"Sigmoid: the logit {short(logit)} becomes the gate {short(cell.real)}",
        ("logit", "gate"),
    )
    words = f"The logit {short(logit)} becomes the gate <b>{short(cell.real)}</b>: {100 * cell.real:.0f}% passes."
    return f"<h3>The sigmoid, and where this number is on it</h3>{_beside(drawing, pen.chip(operand), words)}"


def rectifier(cell: Cell, pen: Pen) -> str:
    """PReLU or ReLU, with the point."""
    operand = cell.operands[0]
    slope = next((step.value for step in cell.steps), 0.0)
    reach = 1.5 * abs(operand.value) or 1.0

    def curve(x: float) -> float:
        return x if x > 0 else slope * x

    ends = (min(0.0, curve(-reach)), reach)
    words = f"{cell.kind}: {short(operand.value)} becomes {short(cell.recomputed)}"
    point, names = (operand.value, cell.recomputed), ("number", "result")
    drawing = _plot(curve, (-reach, reach), ends, point, pen, words, names)
    below = f"is multiplied by the learned slope {short(slope)}" if cell.kind == "PReLU" else "becomes 0"
    says = "above 0: it passes as it is" if operand.value > 0 else f"not above 0: it {below}"
    chip = _beside(drawing, pen.chip(operand), f"The number is {says}. Result: <b>{short(cell.recomputed)}</b>")
    return f"<h3>{cell.kind}, and where this number is on it</h3>{chip}"


def compete(cell: Cell, pen: Pen) -> str:
    """A softmax: logits, exponentials, shares."""
    logits = [_real(operand) for operand in cell.operands]
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    shares = [power / sum(powers) for power in powers]
    own = next(k for k, operand in enumerate(cell.operands) if operand.ref and operand.ref[1:] == cell.ref[1:])
    order = sorted(range(len(shares)), key=lambda k: -shares[k]) if len(shares) > MOST else list(range(len(shares)))
    shown = order[:MOST] if own in order[:MOST] else [*order[: MOST - 1], own]
    z, exponential, share = _even(logits), _even(powers), _even(shares)
    lines = "".join(
        f'<tr class="{"own" if k == own else ""}"><td>{_stream(k, cell)}{pen.label(cell.operands[k])}</td>'
        f"<td>{z(logits[k])}</td><td>{exponential(powers[k])}</td><td style='width: 40%'><span class='share' "
        f"style='width: {100 * shares[k]:.1f}%; background: {_colour(k, len(shares), pen)}'></span></td>"
        f"<td>{share(shares[k])}</td></tr>"
        for k in shown
    )
    left = [k for k in order if k not in shown]
    chips = "".join(f"<span>{pen.label(cell.operands[k])} {share(shares[k])}</span>" for k in left)
    rest = f"<details><summary>{len(left)} others</summary><div class='chips'>{chips}</div></details>" if left else ""
    return (
        "<h3>Who gets how much</h3><p class='small'>Each logit z, e to the power of (z less the largest z), and its "
        "share of their sum. The shares add up to 1; the marked one is this number.</p>"
        f"<table><tr><th>logit</th><th>z</th><th>e<sup>z − {bracketed(z(top))}</sup></th><th></th><th>share</th></tr>"
        f"{lines}</table>{rest}"
    )


def largest(cell: Cell, pen: Pen) -> str:
    """A maximum: all numbers, the largest marked."""
    best = max(range(len(cell.operands)), key=lambda k: cell.operands[k].value)
    order = sorted(range(len(cell.operands)), key=lambda k: -cell.operands[k].value)
    values = [_real(operand) for operand in cell.operands]
    reach = max(map(abs, values)) or 1.0
    lines = "".join(
        f'<tr class="{"own" if k == best else ""}"><td>{pen.label(cell.operands[k])}</td><td style="width: 45%">'
        f'<span class="share" style="width: {100 * abs(values[k]) / reach:.1f}%; background: '
        f'{pen.theme.accent if k == best else pen.sign(values[k])}"></span></td>'
        f"<td>{short(cell.operands[k].value)}</td></tr>"
        for k in order[:MOST]
    )
    left = order[MOST:]
    chips = "".join(f"<span>{pen.label(cell.operands[k])} {short(cell.operands[k].value)}</span>" for k in sorted(left))
    rest = f"<details><summary>{len(left)} smaller ones</summary><div class='chips'>{chips}</div></details>"
    return (
        "<h3>The largest wins</h3><p class='small'>A bar is as long as the number is large; red is above 0, blue "
        f"below.</p><table>{lines}</table>{rest if left else ''}"
    )


def product(cell: Cell, pen: Pen) -> str:
    """A number times a gate or a weight."""
    one, other = cell.operands
    share = _real(other)
    meter = f'<span class="meter"><i style="width: {100 * min(max(share, 0.0), 1.0):.0f}%"></i></span>'
    result = short(cell.real if cell.scale is not None else cell.recomputed)
    return (
        f"<h3>How much of it passes</h3><div class='chips'>{pen.chip(one)}<span class='sign'>×</span>{pen.chip(other)}"
        f"<span class='sign'>=</span><span class='chip'>result<b>{result}</b></span></div>"
        f"<p>{meter} {100 * share:.0f}% of {short(_real(one))} passes.</p>"
    )


def _plot(
    curve: Callable[[float], float],
    across: tuple[float, float],
    up: tuple[float, float],
    point: tuple[float, float],
    pen: Pen,
    words: str,
    names: tuple[str, str],
) -> str:
    """A curve with a point on it, and lines from the point to both axes, which have names: across and up."""

    def x(value: float) -> float:
        return LEFT + (value - across[0]) / (across[1] - across[0]) * (WIDTH - LEFT - 14)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - up[0]) / (up[1] - up[0] or 1.0) * (HEIGHT - BOTTOM - TOP)

    places = [across[0] + k / 100 * (across[1] - across[0]) for k in range(101)]
    line = " ".join(f"{x(place):.1f},{y(curve(place)):.1f}" for place in places)
    axes = (
        f'<path d="M{x(0):.1f} {y(up[1]):.1f}V{y(up[0]):.1f}M{x(across[0]):.1f} {y(0):.1f}H{x(across[1]):.1f}" '
        'stroke="currentColor" stroke-opacity=".4"/>'
    )
    marks = "".join(
        f'<text x="{x(value):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{short(value)}</text>'
        for value in (across[0], 0, across[1])
    ) + "".join(
        f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{short(value)}</text>'
        for value in up
        if value == 0 or abs(y(value) - y(0)) > 14
    )
    marks += (
        f'<text x="{x(across[1]):.1f}" y="{HEIGHT + 7}" text-anchor="end">{names[0]}</text>'
        f'<text x="{x(0) + 7:.1f}" y="{TOP - 1}">{names[1]}</text>'
    )
    at = x(point[0]), y(point[1])
    dashes = (
        f'<path d="M{at[0]:.1f} {y(0):.1f}V{at[1]:.1f}H{x(0):.1f}" fill="none" stroke="{pen.theme.accent}" '
        'stroke-dasharray="4 3"/>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 10}" width="{WIDTH}" role="img" aria-label="{words}">{axes}{marks}'
        f'<polyline points="{line}" fill="none" stroke="{pen.theme.streams[0]}" stroke-width="2.5"/>{dashes}'
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="6" fill="{pen.theme.accent}"/></svg>'
    )


def _beside(drawing: str, chip: str, words: str) -> str:
    return f'<div class="plot">{drawing}<div>{chip}<p>{words}</p></div></div>'


def _stream(k: int, cell: Cell) -> str:
    """Which stream a logit belongs to, where streams compete: they have numbers from 1."""
    rows = {operand.ref.row for operand in cell.operands if operand.ref is not None}
    return f"stream&nbsp;{k + 1}&nbsp;· " if len(rows) > 1 or cell.kind == "SOFTMAX" else ""


def _even(values: Sequence[float]) -> Callable[[float], str]:
    """Writes numbers that stand below one another with as many decimals as give the largest four digits."""
    decimals = min(max(3 - math.floor(math.log10(max(map(abs, values)) or 1.0)), 0), 9)
    return lambda value: signed(f"{value + 0.0:.{decimals}f}")


def _colour(k: int, count: int, pen: Pen) -> str:
    return pen.theme.streams[k] if count <= len(pen.theme.streams) else pen.theme.streams[0]


def _real(operand: Operand) -> float:
    """The number, or what a whole one stands for."""
    return operand.value if operand.scale is None else operand.scale * operand.part
