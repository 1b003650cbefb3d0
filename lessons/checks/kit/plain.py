"""Results of any library as NumPy's: NumPy, Keras, TensorFlow, PyTorch and JAX arrays, scalars, generators."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

__all__ = ["plain"]

MOST = 100_000
"""A generator that gives more is endless."""


def plain(value: Any) -> Any:
    """The value with every array of another library as a NumPy array, and every iterator as a list.

    Args:
        value: Whatever an answer returned; dictionaries, lists and tuples are converted inside. What is none of these,
            such as a symbolic tensor, is returned as it is.
    """
    if isinstance(value, Iterator):
        value = list(islice(value, MOST))
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        return value
    if isinstance(value, Fraction | Decimal):
        return float(value)
    try:
        if hasattr(value, "detach"):  # PyTorch: a tensor that has gradients gives no array
            return value.detach().cpu().numpy()
        if hasattr(value, "numpy"):
            return value.numpy()
        return np.asarray(value) if hasattr(value, "__array__") else value
    except Exception:  # a tensor without values
        return value
