"""Formats a cell as a formula with its values, in the LaTeX that KaTeX (and so Streamlit and Jupyter) can set."""

import re

from explain.cell.operands import Cell, Operand, Step
from explain.cell.writing import bracketed, centred, chosen, factors, number, shown_value

__all__ = ["as_latex"]

ACCUMULATOR = {"sum": "S", "product": "P"}  # of int8 operands; the result comes some steps later


def as_latex(cell: Cell, most: int = 4) -> str:
    """A cell as LaTeX: its formula, the formula with numbers, and the steps to the result.

    Args:
        cell: The cell.
        most: At most so many operands are written; of a sum the largest, and the rest as one number.

    Returns:
        One `aligned` environment, without dollars.
    """
    lines = [
        ("y", cell.formula),
        *((name, _number(value)) for name, value in cell.arithmetic.where),
        *_numbers(cell, most),
    ]
    result = [("y", rf"\mathbf{{{_number(number(cell.recomputed))}}}")]
    if cell.scale is not None:
        stands_for = rf"{_number(f'{cell.scale:.6g}')} \cdot {centred(cell.value, cell.zero_point)}"
        result += [(r"s_\text{out}\,(y - z_\text{out})", stands_for), ("", f"= {_number(number(cell.real))}")]
    body = " \\\\\n".join([*map(_equation, lines), *map(_step, _steps(cell)), *map(_equation, result)])
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _steps(cell: Cell) -> list[Step]:
    """The steps that deserve a line: of floats, the last one may be the result, which has a line of its own."""
    steps = [step for step in cell.steps if not step.subtotal]
    same = bool(steps) and cell.scale is None and not steps[-1].symbol and steps[-1].value == cell.recomputed
    return steps[:-1] if same else steps


def _step(step: Step) -> str:
    """A number that has a name, or one that the calculation goes on to: then the label stands behind it."""
    value = _number(number(step.value))
    return rf"{step.symbol} &= {value}" if step.symbol else rf"& \to {value} \quad \footnotesize({_text(step.words)})"


def _equation(sides: tuple[str, str]) -> str:
    """Both sides, aligned at the equals sign; what goes on from the line above has no left side."""
    left, right = sides
    return f"{left} &= {right}" if left else f"& {right}"


def _numbers(cell: Cell, most: int) -> list[tuple[str, str]]:
    """The operands: of a sum or a product below one another with signs between them, else each by itself."""
    few, how = chosen(cell, most), cell.arithmetic.how
    if how not in ("sum", "product"):
        lines = [_line(cell, operand) for operand in few.operands]
        return [*lines, ("", _text(f"and {few.more} more"))] if few.more else lines
    terms = [_term(operand) for operand in few.operands]
    if few.more:
        terms.append(rf"\underbrace{{{bracketed(_number(number(few.rest)))}}}_{{\text{{{few.more} more}}}}")
    sign = "+" if how == "sum" else r"\cdot"
    name = "y" if cell.scale is None else ACCUMULATOR[how]
    return [(name if k == 0 else "", term if k == 0 else rf"\quad {sign} {term}") for k, term in enumerate(terms)]


def _line(cell: Cell, operand: Operand) -> tuple[str, str]:
    """An operand by itself, with its zero point and its weight where these count."""
    value = shown_value(cell, operand)
    if value == operand.value:
        return _symbol(operand), _number(number(value))
    name = f"({_symbol(operand)} - z)" if operand.zero_point else _symbol(operand)
    product = r" \cdot ".join(_number(factor) for factor in reversed(factors(operand)))
    # A weight that has a letter in the formula, as the slope of a PReLU has, keeps it.
    letter = next((step.symbol for step in cell.steps if step.symbol and step.value == operand.weight), "w")
    return name if operand.weight is None else rf"{letter} \cdot {name}", f"{product} = {_number(number(value))}"


def _term(operand: Operand) -> str:
    value, *weight = (_number(factor) for factor in factors(operand))
    named = rf"\underset{{{_symbol(operand)}}}{{{bracketed(value)}}}"
    return rf"{weight[0]} \cdot {named}" if weight else named


def _symbol(operand: Operand) -> str:
    """`x[3,5,2]`."""
    ref = operand.ref
    return operand.symbol + ("" if ref is None else f"[{ref.row},{ref.column},{ref.channel}]")


def _number(text: str) -> str:
    """A number as LaTeX: `1.2e-05` becomes 1.2 · 10^-5."""
    return re.sub(r"(-?[\d.]+)e([+-])0*(\d+)", lambda m: rf"{m[1]} \cdot 10^{{{m[2].strip('+')}{m[3]}}}", text)


def _text(text: str) -> str:
    """Text in LaTeX; a power such as 2^-16 is set as one."""
    powers = re.sub(r"(\w+)\^(-?\w+)", r"$\1^{\2}$", re.sub(r"([_#%&])", r"\\\1", text))
    return rf"\text{{{powers}}}"
