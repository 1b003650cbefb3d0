"""Numbers as people write them: a real minus, and none before what rounds to 0."""

__all__ = ["decimal"]


def decimal(value: float, digits: int, signed: bool = False) -> str:
    """A number with so many digits after the point.

    Args:
        value: The number.
        digits: After the point.
        signed: Whether a plus stands before what is above 0, as before a change.
    """
    rounded = round(value, digits) + 0.0  # rounded first: 0 has no sign, not even a minus
    return f"{rounded:{'+' if signed and rounded else ''}.{digits}f}".replace("-", "−")
