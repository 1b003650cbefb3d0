"""Tools of the checks: each kind of mistake has a message of its own."""

import re

import numpy as np
import pytest

from lessons.checks.checking import (
    Either,
    NotYet,
    call,
    compare,
    component,
    given,
    passed,
    same_twice,
    several,
    with_weights,
)


def said(function, *inputs, **options) -> str:
    with pytest.raises(NotYet) as caught:
        function(*inputs, **options)
    return str(caught.value)


def test_a_message_has_three_parts_and_a_notebook_shows_it_alone():
    error = NotYet("x is 2, not 1.", "one was added.", "“Counting”")
    assert str(error).splitlines() == [
        "✗ x is 2, not 1.",
        "  It looks as if one was added.",
        "  Where to look: “Counting”",
    ]
    assert error._render_traceback_() == str(error).splitlines()
    long = NotYet("word " * 60, "this " * 60)
    assert max(map(len, long._render_traceback_())) <= 96
    assert " ".join(long._render_traceback_()).split() == str(long).split()
    assert str(NotYet("x is 2.")) == "✗ x is 2."


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
        (in_place, "in_place changes the array that it is given"),
    ],
)
def test_what_a_call_reports(function, text):
    mine = np.ones(2)
    assert text in said(call, function, mine)
    assert mine.tolist() == [1, 1]


def test_a_call_gives_the_result_and_takes_nan_as_it_is():
    assert call(lambda x, y: x + y, np.ones(2), y=1).tolist() == [2, 2]
    assert np.isnan(call(lambda x: x * 1, np.array([np.nan]))).all()


@pytest.mark.parametrize(
    ("got", "text"),
    [
        (4.0, "f(x) is 4, not 2.\n  It looks as if it was squared."),
        (3.0, "f(x) is 3, not 2."),
        (np.nan, "f(x) is nan, not 2."),
        (np.ones(3), "f(x) is an array of the shape (3,), not a number."),
        ("two", "f(x) is a str, not a number."),
        ([[1], [1, 2]], "f(x) is a list, not a number."),
    ],
)
def test_numbers(got, text):
    mistakes = {"it was forgotten.": 0.0, "it was squared.": Either(4.0, 16.0)}
    assert said(compare, "f(x)", got, 2.0, mistakes) == f"✗ {text}"


def test_arrays_say_where_they_are_wrong():
    right = np.arange(6.0).reshape(2, 3)
    got = right.copy()
    got[1, 2] = -5
    assert said(compare, "f(x)", got, right) == "✗ f(x) is wrong in 17% of its values: [1, 2] is -5, not 5."
    got[0, 1] = np.nan
    assert "[0, 1] is nan, not 1" in said(compare, "f(x)", got, right)
    turned = said(compare, "f(x)", right.T, right, {"it is turned.": right.T})
    assert re.search(r"shape \(3, 2\), not an array of the shape \(2, 3\).\n +It looks as if it is turned.", turned)


def test_rounding_is_no_mistake_and_a_small_mistake_is():
    compare("f(x)", np.float32(0.1) + np.float32(0.2), 0.3)
    compare("f(x)", np.array([1e6, 1.0]), np.array([1e6 + 1, 1.0]))
    assert "not 1" in said(compare, "f(x)", 1.001, 1.0)


def test_values_to_fill_in():
    assert given("answer", 0) == 0
    for nothing in (..., None):
        assert "answer is not filled in yet: replace the `...`" in said(given, "answer", nothing)


def test_another_source_of_random_numbers_is_reported():
    same_twice("f", [1, 2], [1, 2])
    assert "np.random" in said(same_twice, "f", [1, 2], [1, 3])


@pytest.mark.parametrize(
    ("got", "text"),
    [(3, "f(x) is a int, not a pair."), ((1, 2, 3), "f(x) is a list of 3, not a pair.\n  It looks as if x.")],
)
def test_a_pair_must_have_two_parts(got, text):
    assert several("f(x)", [1, 2], "a pair") == [1, 2]
    assert said(several, "f(x)", got, "a pair", mistake="x." if got != 3 else "") == f"✗ {text}"


def test_a_text_may_depend_on_the_index_and_a_type_may_be_required():
    right = np.array([1, 2, 3])
    assert said(compare, lambda k: f"f({k})", [1, 5, 3], right) == "✗ f(1) is 5, not 2."
    compare("f(x)", right.astype(np.int8), right, dtype=np.int8)
    assert said(compare, "f(x)", right.astype("int64"), right, dtype=np.int8) == (
        "✗ f(x) has values of the type int64, not int8."
    )


def test_weights_that_do_not_fit_are_reported():
    from model import SKFF

    streams = list(np.random.default_rng(0).normal(size=(3, 1, 16, 12, 16)).astype("float32"))
    ours = SKFF(16)
    assert np.array_equal(with_weights(SKFF(16), ours.get_weights(), "SKFF", streams, ""), ours(streams))
    assert "other layers than the skeleton" in said(with_weights, SKFF(16), [], "SKFF", streams, "")


def test_passing_prints_a_tick(capsys):
    passed("f: done")
    assert capsys.readouterr().out == "✓ f: done\n"


def test_components_are_held_to_their_contracts():
    from model import SKFF

    streams = list(np.random.default_rng(0).normal(size=(3, 1, 16, 12, 16)).astype("float32"))
    component(SKFF(16), "SKFF", streams)
    wrong = said(component, SKFF(16, softmax_over="channels"), "SKFF", streams, look="“Select”")
    assert "SKFF breaks the contract “softmax over streams”" in wrong
    assert "softmax taken over the channels (axis -1)" in wrong
    assert wrong.endswith("Where to look: “Select”")
    assert "SKFF is not written yet" in said(component, todo, "SKFF", streams)
