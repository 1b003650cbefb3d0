"""Components of learners: contracts, and weights of the right one."""

import numpy as np
import pytest

from lessons.checks.kit import NotYet, component, with_weights


def said(function, *inputs, **options) -> str:
    with pytest.raises(NotYet) as caught:
        function(*inputs, **options)
    return str(caught.value)


def streams() -> list[np.ndarray]:
    return list(np.random.default_rng(0).normal(size=(3, 1, 16, 12, 16)).astype("float32"))


def test_components_are_held_to_their_contracts():
    from model import SKFF

    component(SKFF(16), "SKFF", streams())
    wrong = said(component, SKFF(16, softmax_over="channels"), "SKFF", streams(), look="“Select”")
    assert "SKFF breaks the contract “softmax over streams”" in wrong
    assert "softmax taken over the channels (axis -1)" in wrong
    assert wrong.endswith("Where to look: “Select”")


def test_a_component_runs_with_the_weights_of_the_right_one():
    from model import SKFF

    ours = SKFF(16)
    assert np.array_equal(with_weights(SKFF(16), ours.get_weights(), "SKFF", streams(), ""), ours(streams()))
    assert "other layers than the skeleton" in said(with_weights, SKFF(16), [], "SKFF", streams(), "")


def test_a_component_that_is_not_written_yet_says_so():
    import keras

    class SKFF(keras.layers.Layer):
        def call(self, streams):
            raise NotImplementedError

    assert "SKFF is not written yet" in said(with_weights, SKFF(), [], "SKFF", streams(), "")
