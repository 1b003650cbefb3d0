"""How a wrong array is related to the right one: a factor, another order, wrong at the border only.

Each is a statement about the numbers, so it is true whatever the mistake was.
"""

from collections.abc import Callable, Iterator

import numpy as np

__all__ = ["close", "related", "where_wrong"]

NICE = {2: "twice", 0.5: "half", -1: "minus"}
FACTORS = (3, 4, 8, 9, 16, 255, 1000, 1 / 3, 1 / 4, 1 / 8, 1 / 9, 1 / 16, 1 / 255, 1 / 1000, np.sqrt(2), 1 / np.sqrt(2))
FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "one over {it}": lambda x: 1 / x,
    "the square of {it}": np.square,
    "the root of {it}": np.sqrt,
    "{it} without its sign": np.abs,
    "{it} with what is negative set to 0": lambda x: np.maximum(x, 0),
    "the exponential of {it}": np.exp,
    "the logarithm of {it}": np.log,
    "{it} through a sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "1 − {it}": lambda x: 1 - x,
    "{it} rounded down": np.floor,
    "{it} rounded up": np.ceil,
    "{it} without its fraction": np.trunc,
    "{it} rounded to an integer": np.rint,
    "{it} clipped to 0 … 1": lambda x: np.clip(x, 0, 1),
    "{it} wrapped around in an int8": lambda x: x.astype(np.int64).astype(np.int8),
    "{it} wrapped around in a uint8": lambda x: x.astype(np.int64).astype(np.uint8),
}


def close(found: np.ndarray, right: np.ndarray, relative: float) -> bool:
    """Whether two arrays of one shape agree, up to a share of the largest value of the right one."""
    finite = right[np.isfinite(right)] if right.dtype.kind == "f" else right
    largest = float(np.abs(finite.astype("float64")).max(initial=0.0))
    return bool(np.allclose(found.astype("float64"), right.astype("float64"), rtol=0, atol=relative * (largest or 1)))


def related(found: np.ndarray, right: np.ndarray, it: str = "the right one", relative: float = 1e-5) -> str:
    """What a wrong value is, made from the right one; empty if nothing fits.

    Args:
        found: Numbers of any shape.
        right: The same.
        it: What to call the right one.
        relative: Tolerance.
    """
    found, right = (np.asarray(each, "float64") for each in (found, right))
    with np.errstate(all="ignore"):
        if found.shape != right.shape:
            return _of_other_shape(found, right, it, relative)
        if not np.isfinite(found).all() or (not np.ptp(found) and found.size > 1):
            return ""
        return _scaled(found, right, it, relative) or next(_formed(found, right, it, relative), "")


def _of_other_shape(found: np.ndarray, right: np.ndarray, it: str, relative: float) -> str:
    if found.size == right.size and found.size > 1:
        if found.ndim == right.ndim and close(found.reshape(-1), right.transpose().reshape(-1), relative):
            return f"{it} with its axes exchanged"
        if close(found.reshape(-1), right.reshape(-1), relative):
            return f"{it}, in the shape {found.shape}"
    for axis in range(found.ndim):
        for name, rule in (("summed", np.sum), ("averaged", np.mean)):
            reduced = rule(found, axis=axis)
            if reduced.shape == right.shape and close(reduced, right, relative):
                return f"{it}, but not yet {name} along axis {axis}"
    if found.ndim and not right.ndim and found.size:
        for name, rule in (("sum", np.sum), ("mean", np.mean)):
            if close(rule(found), right, relative):
                return f"its parts: {it} is the {name} of these"
    return ""


def _scaled(found: np.ndarray, right: np.ndarray, it: str, relative: float) -> str:
    used = np.abs(right) > 1e-3 * np.abs(right).max(initial=0)
    if not used.any():
        return ""
    factor = float(np.median(found[used] / right[used]))
    if close(found, factor * right, relative) and abs(factor) > 1e-9:
        for nice, name in NICE.items():
            if abs(factor - nice) < 1e-4 * abs(nice):
                return f"{name} {it}"
        simple = next((f for f in FACTORS for s in (1, -1) if abs(factor - s * f) < 1e-4 * abs(f)), None)
        if simple is not None or _values(right) >= 3:
            return f"{_factor(factor)} {it}" + (", everywhere" if right.ndim else "")
    offset = float(np.median(found - right))
    if _values(right) >= 3 and offset and close(found, right + offset, relative):
        return f"{it} {'+' if offset > 0 else '−'} {abs(offset):.4g}, everywhere"
    return ""


def _factor(factor: float) -> str:
    part = 1 / factor
    return f"1/{part:.0f} of" if 2 <= part and abs(part - round(part)) < 1e-3 else f"{factor:.4g} times"


def _formed(found: np.ndarray, right: np.ndarray, it: str, relative: float) -> Iterator[str]:
    for text, form in FORMS.items():
        made = form(right)
        if np.isfinite(made).all() and not close(made, right, relative) and close(found, made, relative):
            yield text.format(it=it)
    for axis in range(right.ndim):
        if close(found, np.flip(right, axis), relative):
            yield f"{it} in reverse order along axis {axis}"
        for step in (1, -1):
            if close(found, np.roll(right, step, axis), relative):
                yield f"{it}, one place off along axis {axis}"
        if right.shape[axis] > 1:
            for name, rule in (("mean", np.mean), ("maximum", np.max)):
                if close(found, np.broadcast_to(rule(right, axis, keepdims=True), right.shape), relative):
                    yield f"the {name} of {it} along axis {axis}"
            for name, sums in (("sums", np.cumsum(right, axis)),):
                if close(found, sums, relative):
                    yield f"the running {name} of {it} along axis {axis}"
    if right.ndim == 2 and right.shape[0] == right.shape[1] and close(found, right.T, relative):
        yield f"{it} with rows and columns exchanged"
    if _values(right) >= 4 and close(np.sort(found, axis=None), np.sort(right, axis=None), relative):
        yield f"{it} in another order"


def _values(right: np.ndarray) -> int:
    return len(np.unique(right[:1000] if right.ndim == 1 else right.reshape(-1)[:1000]))


def where_wrong(wrong: np.ndarray, right: np.ndarray) -> str:
    """Which values of an array are wrong, if that has a pattern: a sentence without its full stop, or nothing.

    Args:
        wrong: Booleans.
        right: The right values, of the same shape.
    """
    if not wrong.any() or wrong.all():
        return ""
    for axis in range(wrong.ndim):
        rows = np.moveaxis(wrong, axis, 0).reshape(wrong.shape[axis], -1)
        good, bad = ~rows.any(axis=1), rows.any(axis=1)
        if good.sum() == 1 and len(good) > 2:
            return f"only index {int(good.argmax())} along axis {axis} is right"
        if bad.sum() == 1 and len(bad) > 2:
            return f"only index {int(bad.argmax())} along axis {axis} is wrong"
        if 2 <= bad.sum() < len(bad) and len(bad) > 3 and not bad[1:-1].any():
            return f"only the two ends along axis {axis} are wrong"
    if wrong.ndim >= 2 and wrong[1:-1, 1:-1].size and not wrong[1:-1, 1:-1].any():
        return "only the border is wrong"
    values = right.astype("float64")
    for text, chosen in (("negative", values < 0), ("positive", values > 0), ("0", values == 0)):
        if chosen.any() and not chosen.all() and not wrong[~chosen].any():
            return f"only values are wrong where the right one is {text}"
    bad, good = values[wrong], values[~wrong]
    if bad.min() > good.max():
        return f"only the largest values are wrong, from {bad.min():.4g} on"
    if bad.max() < good.min():
        return f"only the smallest values are wrong, up to {bad.max():.4g}"
    return ""
