"""Comparing results: numbers and arrays of any library, known mistakes, and texts with what differs."""

import re

import numpy as np
import pytest

from lessons.checks.kit import Either, NotYet, Steps, compare, several


def said(function, *inputs, **options) -> str:
    with pytest.raises(NotYet) as caught:
        function(*inputs, **options)
    return str(caught.value)


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


def test_one_number_in_an_array_is_a_number():
    compare("f(x)", [[2.0]], 2.0)
    compare("f(x)", np.float32(2), 2.0)


def test_arrays_say_where_they_are_wrong():
    right = np.arange(6.0).reshape(2, 3)
    got = right.copy()
    got[1, 2] = -5
    assert said(compare, "f(x)", got, right).startswith("✗ f(x) is wrong in 17% of its values: [1, 2] is -5, not 5.")
    got[0, 1] = np.nan
    assert "[0, 1] is nan, not 1" in said(compare, "f(x)", got, right)
    turned = said(compare, "f(x)", right.T, right, {"it is turned.": right.T})
    assert re.search(r"shape \(3, 2\), not an array of the shape \(2, 3\).\n +It looks as if it is turned.", turned)


def test_what_is_no_known_mistake_is_told_from_the_numbers():
    right = np.array([1.0, 2.0, 4.0, 7.0])
    assert "the result is twice the right one." in said(compare, "f(x)", 2 * right, right)
    assert "only index 2 along axis 0 is wrong." in said(compare, "f(x)", right + np.eye(4)[2], right)


def test_the_input_of_a_wrong_value_is_shown():
    def f(light, other):
        return light + 1

    light = np.array([5.0, 8.0])
    steps = Steps(f, (light, 3), {"twice the light": 2 * light})
    message = said(compare, "f(light, 3)", f(light, 3), 2 * light, steps=steps)
    assert "[1] is 9, not 16 (where light = 8)." in message
    assert "Step by step: no step of yours is “twice the light”." in message


def test_a_known_mistake_is_not_followed_any_further():
    def f(x):
        raise AssertionError("run again")

    steps = Steps(f, (1.0,), {"nothing": 0.0})
    assert "Step by step" not in said(compare, "f(x)", 3.0, 2.0, {"it is three.": 3.0}, steps=steps)


def test_rounding_is_no_mistake_and_a_small_mistake_is():
    compare("f(x)", np.float32(0.1) + np.float32(0.2), 0.3)
    compare("f(x)", np.array([1e6, 1.0]), np.array([1e6 + 1, 1.0]))
    assert "not 1" in said(compare, "f(x)", 1.001, 1.0)


def test_numbers_that_differ_late_have_more_digits():
    assert said(compare, "f(x)", 1979120928.0, 1979120929.0, relative=1e-12) == "✗ f(x) is 1979120928, not 1979120929."


ALONE = "this is one value: there have to be 2, with a comma between them."
TEXT = "this is text: give the numbers themselves, and leave how they look to `print`."


@pytest.mark.parametrize(
    ("got", "found", "mistake"),
    [
        (3, "a int", ALONE),
        ("3 dB", "a str", TEXT),
        ((1, 2, 3), "a list of 3", "x."),
        (np.array(2.0), "a ndarray", ALONE),
    ],
)
def test_a_pair_must_have_two_parts(got, found, mistake):
    told = said(several, "f(x)", got, "a pair", mistake="x." if mistake == "x." else "")
    assert told == f"✗ f(x) is {found}, not a pair.\n  It looks as if {mistake}"


@pytest.mark.parametrize("got", [[1, 2], (1, 2), np.array([1, 2]), iter([1, 2]), (k for k in (1, 2))])
def test_a_pair_may_come_as_anything_that_has_two_parts(got):
    assert list(several("f(x)", got, "a pair")) == [1, 2]


def test_a_text_may_depend_on_the_index_and_a_type_may_be_required():
    right = np.array([1, 2, 3])
    assert said(compare, lambda k: f"f({k})", [1, 5, 3], right).startswith("✗ f(1) is 5, not 2.")
    compare("f(x)", right.astype(np.int8), right, dtype=np.int8)
    assert said(compare, "f(x)", right.astype("int64"), right, dtype=np.int8) == (
        "✗ f(x) has values of the type int64, not int8.\n"
        "  It looks as if the conversion is missing: `.astype(np.int8)` at the end."
    )
