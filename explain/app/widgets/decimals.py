"""Numbers as text: a minus sign (U+2212), as wide as a plus, and none before what rounds to 0."""

__all__ = ["decimal", "minus", "of_three_digits"]


def decimal(value: float, digits: int, signed: bool = False) -> str:
    """A number with so many digits after the point.

    Args:
        value: The number.
        digits: After the point.
        signed: Whether a plus stands before what is above 0, as before a change.
    """
    rounded = round(value, digits) + 0.0  # rounded first: 0 has no sign, not even a minus
    return minus(f"{rounded:{'+' if signed and rounded else ''}.{digits}f}")


def minus(number: str) -> str:
    """A number as text with a minus sign (U+2212)."""
    return number.replace("-", "\N{MINUS SIGN}")


def of_three_digits(count: int, units: tuple[str, str, str]) -> str:
    """A large count with three digits: `83.2 k`; the units stand for a thousand, a million, a billion."""
    for size, unit in zip((10**9, 10**6, 10**3), reversed(units), strict=True):
        if count >= size:
            digits = 0 if count >= 100 * size else 1 if count >= 10 * size else 2
            return f"{count / size:.{digits}f} {unit}"
    return str(count)
