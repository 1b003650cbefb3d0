"""Results of other libraries as NumPy's."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lessons.checks.kit import plain


def test_iterators_and_what_holds_arrays():
    assert plain(k * k for k in range(3)) == [0, 1, 4]
    assert plain(map(str, (1, 2))) == ["1", "2"]
    assert plain({"a": (1, iter([2]))}) == {"a": [1, [2]]}
    assert plain(5) == 5
    assert plain(None) is None
    assert plain((Fraction(1, 4), Decimal("0.5"))) == [0.25, 0.5]
    assert len(plain(iter(int, 1))) == 100_000  # an endless one ends


def test_tensors_of_keras_and_tensorflow():
    import keras
    import tensorflow as tf

    for made in (tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0]), keras.ops.convert_to_tensor([1.0, 2.0])):
        assert type(plain(made)) is np.ndarray
        assert plain(made).tolist() == [1, 2]
    assert np.ndim(plain(tf.constant(3.0))) == 0
    symbolic = keras.KerasTensor((2, 3))
    assert plain(symbolic) is symbolic


def test_tensors_of_pytorch_with_gradients():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    assert plain(torch.ones(2, requires_grad=True) * 2).tolist() == [2, 2]


def test_arrays_of_jax():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    assert plain(jax.numpy.ones(2)).tolist() == [1, 1]
