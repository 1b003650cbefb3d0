"""Following an answer: every expression and its value, and the first step that is missing."""

import numpy as np

from lessons.checks.kit import Steps
from lessons.checks.kit.learner_steps import recorded_steps

A = np.array([1.0, 2.0, 5.0])
B = np.array([2.0, 2.0, 9.0])


def absolute(a, b):
    distance = np.mean(np.abs(a - b))
    return distance + 1


def in_words(a, b):
    square = [float(x - y) ** 2 for x, y in zip(a, b, strict=True)]
    return sum(square) / len(square)


def test_expressions_are_recorded_in_order():
    steps = recorded_steps(absolute, (A, B))
    assert [step.text for step in steps] == ["a - b", "np.abs(a - b)", "np.mean(np.abs(a - b))", "distance + 1"]
    assert steps[0].value.tolist() == [-1, 0, -4]
    assert A.tolist() == [1, 2, 5]


def test_the_first_missing_step_is_named_with_what_is_there_instead():
    stages = {"the difference": A - B, "its square": (A - B) ** 2, "the mean": np.mean((A - B) ** 2)}
    assert Steps(absolute, (A, B), stages).departure() == (
        "“the difference” is right (`a - b`). Then, no step of yours is “its square”. "
        "`np.abs(a - b)` is the root of it."
    )


def test_another_way_to_a_step_excuses_those_before():
    stages = {"the difference as an array": A - B, "the mean square": np.mean((A - B) ** 2)}
    said = Steps(in_words, (A, B), stages).departure()
    assert said.startswith("“the mean square” is right (`sum(square) / len(square)`), but it is not what comes out")


def test_parallel_steps_excuse_nothing():
    stages = {"a thousand": np.array(1000.0), "the difference": A - B}
    assert Steps(absolute, (A, B), stages, parallel=True).departure() == "No step of yours is “a thousand”."


def test_an_answer_that_cannot_be_read_or_stops_says_what_it_can():
    assert Steps(len, (A,), {"three": 3.0}).departure() == ""
    assert Steps(eval("lambda a, b: a"), (A, B), {"one": 1.0}).departure() == ""

    def stops(a, b):
        return (a - b) / missing  # noqa: F821

    assert (
        "“the difference” is right (`a - b`)" in Steps(stops, (A, B), {"the difference": A - B, "x": 5.5}).departure()
    )


def test_methods_and_closures_are_followed():
    factor = 3.0

    class Layer:
        def call(self, values):
            return values * factor

    layer = Layer()
    assert [step.text for step in recorded_steps(Layer.call, (layer, A))] == ["values * factor"]


def test_tensors_are_recorded_too():
    from keras import ops

    def keras_way(a, b):
        return ops.sum(ops.square(a - b))

    assert float(recorded_steps(keras_way, (A, B))[-1].value) == 17
