"""The same network for a larger frame."""

import numpy as np
import pytest

from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file
from embedded.tflite.enlarge import enlarged
from embedded.tflite.graph_file import read_graph
from model.errors import ImageError


@pytest.fixture(scope="module")
def model():
    return model_file(NANO).read_bytes()


def test_weights_and_scales_stay_and_shapes_grow(model):
    small, large = read_graph(model), read_graph(enlarged(model, 3))
    assert large.tensors[large.inputs[0]].shape == (1, 72, 96, 75)
    for one, other in zip(small.tensors, large.tensors, strict=False):
        assert one.dtype == other.dtype
        if one.quantization is not None:
            assert np.array_equal(one.quantization.scale, other.quantization.scale)
        if one.dtype == np.int8 and one.data is not None:
            assert np.array_equal(one.data, other.data)
    assert [operator.kind for operator in small.operators] == [operator.kind for operator in large.operators]


def test_once_as_large_computes_the_same(model):
    frame = np.random.default_rng(2).integers(0, 90, (120, 160, 3), np.uint8)
    assert np.array_equal(Emulator(enlarged(model, 1)).restore(frame), Emulator(model).restore(frame))


def test_a_frame_of_another_size_is_refused(model):
    with pytest.raises(ImageError, match=r"\(360, 480, 3\)"):
        Emulator(enlarged(model, 3), size=(360, 480)).restore(np.zeros((120, 160, 3), np.uint8))
