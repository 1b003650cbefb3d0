"""Which of many like cases run by default."""

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["FEW_KINDS", "quick"]

FEW_KINDS = ("skff", "dau", "upsample")
"""Of the nine kinds of component; the others are built of these or like them, and some take ten times as long."""


def quick(cases: Iterable[Any], *few: Any, first: int = 0) -> list[Any]:
    """All cases as parameters of a test, of which only these few, and the first ones, are not slow.

    A case that is a tuple is several parameters.
    """

    def slow(case: Any) -> Any:
        return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)

    return [case if k < first or case in few else slow(case) for k, case in enumerate(cases)]
