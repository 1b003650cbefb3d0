"""Running an answer: what it may do, what is reported, and what comes from the generator that it was given."""

from types import SimpleNamespace

import numpy as np
import pytest

from lessons.checks.kit import CountedGenerator, NotYet, call, drawn_from, same_twice


def said(function, *inputs, **options) -> str:
    with pytest.raises(NotYet) as caught:
        function(*inputs, **options)
    return str(caught.value)


def todo(x):
    raise NotImplementedError


def divides(x):
    return x / np.zeros(3)[4]


def in_place(x):
    x += 1
    return x


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (todo, "todo is not written yet: replace the line `raise NotImplementedError`"),
        (lambda x: None, "the line with `return` is missing"),
        (lambda x: ..., "replace the `...`"),
        (divides, "divides stops with IndexError"),
        (divides, "in the line: return x / np.zeros(3)[4]"),
        (in_place, "in_place changes `x` that it is given"),
        (5, "this is a int, not a function"),
    ],
)
def test_what_a_call_reports(function, text):
    mine = np.ones(2)
    assert text in said(call, function, mine)
    assert mine.tolist() == [1, 1]


def test_a_call_gives_the_result_and_takes_nan_as_it_is():
    assert call(lambda x, y: x + y, np.ones(2), y=1).tolist() == [2, 2]
    assert np.isnan(call(lambda x: x * 1, np.array([np.nan]))).all()


def empties(streams):
    return streams.pop()


def adds(streams):
    streams[0] += 1
    return streams[0]


def learns(weights):
    weights.slope[...] = 0
    return 1


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (empties, [np.ones(2), np.ones(3)]),
        (adds, [np.ones(2), np.ones(3)]),
        (learns, SimpleNamespace(slope=np.ones(1))),
        (lambda pairs: pairs.update(a=2) or 1, {"a": 1}),
    ],
)
def test_lists_and_what_is_in_them_are_compared_afterwards(function, given):
    before = str(given)
    assert "that it is given" in said(call, function, given)
    assert str(given) == before


def test_an_error_inside_keras_is_told_with_the_learners_line():
    import keras

    class Broken(keras.layers.Layer):
        def call(self, values):
            return values.no_such_method()

    message = said(call, Broken(), np.ones((1, 2), "float32"))
    assert "no_such_method" in message
    assert "in the line: return values.no_such_method()" in message
    assert "\x1b" not in message
    assert "Arguments received" not in message


def test_another_source_of_random_numbers_is_reported():
    same_twice("f", [1, 2], [1, 2])
    assert "np.random" in said(same_twice, "f", [1, 2], [1, 3])


def test_numbers_that_are_drawn_are_counted():
    rng = CountedGenerator(1)
    assert rng.normal(size=(2, 3)).tolist() == np.random.Generator(np.random.PCG64(1)).normal(size=(2, 3)).tolist()
    assert isinstance(rng.integers(9), np.integer)
    assert (rng.drawn, rng.counts) == (7, {"normal": 6, "integers": 1})


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x, rng: np.random.default_rng(1).normal(size=x.shape), "draws nothing from `rng`"),
        (lambda x, rng: x + rng.normal(), "draws 1 numbers from `rng`, and needs 6"),
    ],
)
def test_noise_comes_from_the_generator_and_is_every_pixels_own(function, text):
    assert text in said(drawn_from, "noise(x, rng)", function, np.ones((2, 3)), least=6)


def test_enough_numbers_are_enough():
    assert drawn_from("f", lambda x, rng: rng.poisson(x), np.ones((2, 3)), least=6).drawn == 6
