"""Checks of arguments that many functions take; each error names the argument, the value and the rule."""

import math
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from model.errors import MirnetError

__all__ = ["check_choice", "check_installed", "check_integer", "check_scales", "is_number"]


def check_integer(name: str, value: Any, least: int = 1, error_kind: type[MirnetError] = MirnetError) -> None:
    """Refuses what is no integer of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise error_kind(f"{name} must be an integer of at least {least}, not {value!r}")


def check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuses what is none of the choices."""
    if value not in choices:
        raise MirnetError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def check_installed(what: str, extra: str, *packages: str) -> None:
    """Refuses to begin what needs packages that are not installed, and names the extra that brings them."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise MirnetError(f"{what} needs {' and '.join(missing)}: pip install 'mirnet-explainer[{extra}]'")


def check_scales(scales: Iterable[int]) -> None:
    """Refuses what are no divisors of a picture's size."""
    if not scales or any(not isinstance(scale, int) or scale < 1 for scale in scales):
        raise MirnetError(f"scales must be integers of at least 1, such as (1, 2, 4), not {scales!r}")


def is_number(value: Any) -> bool:
    """Whether something is a number of at least 0, and finite."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
