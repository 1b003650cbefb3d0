"""Lesson 6's recorded graphs: the same connections in other words are the same, and a wrong one is named."""

import copy

import numpy as np
import pytest

from lessons.checks import NotYet, mirnet
from lessons.checks.wires import Circuit, first_difference


def test_the_same_call_is_the_same_node_and_a_sum_has_no_order():
    circuit = Circuit()
    x, parts = circuit.input("x"), circuit.parts()
    one, two = parts.dau(1, x), parts.conv(x)
    assert parts.dau(1, x).node is one.node
    assert (one + two).node is (two + one).node is sum([one, two]).node
    assert (one - two).node is not (two - one).node
    assert copy.deepcopy(one).node is one.node
    assert np.concatenate([one, two], axis=-1).node.form == "concatenate({}, {})"
    assert np.clip(one, 0, 1).node is not one.node


def test_adding_in_place_makes_another_node():
    circuit = Circuit()
    x = circuit.input("x")
    before, other = x.node, circuit.input("y")
    x += other
    assert x.node is not before
    assert x.node.form == "+"


def test_shapes_are_those_of_the_streams():
    circuit = Circuit()
    parts, x = circuit.parts(), circuit.input("x")
    assert [parts.bring(x, 1, j).shape for j in (1, 2, 3)] == [(1, 8, 8, 8), (1, 4, 4, 16), (1, 2, 2, 32)]
    assert parts.rise(3, parts.bring(x, 1, 3)).shape == x.shape
    assert circuit.whole().last(x).shape == (1, 8, 8, 3)
    with pytest.raises(ValueError, match="the streams have the numbers 1, 2 and 3"):
        parts.dau(0, x)


def test_differences_are_told_where_they_begin():
    circuit = Circuit()
    x, parts = circuit.input("x"), circuit.parts()
    right = x + parts.conv(parts.dau(1, x))
    names = {x.node: "the input"}
    cases = {
        "the result lacks a sum: the input is not added to conv(dau(1, the input)).": parts.conv(parts.dau(1, x)),
        "an input of `conv(…)` is the input, without `dau(1, …)`.": x + parts.conv(x),
        "goes through `dau(1, …)`, which is too much.": (x + parts.conv(parts.dau(1, parts.dau(1, x)))),
        "has something added, the input, which should not be.": right + x,
        "the result is the input + the input; due is the input + conv(dau(1, …)).": x + x,
        "": right,
    }
    for text, mine in cases.items():
        said = first_difference(mine.node, right.node, names)
        assert text in said
        assert bool(said) == (mine is not right)


def test_an_array_from_elsewhere_is_named():
    with pytest.raises(NotYet, match="an array that other parts than these have made"):
        mirnet.first_column(lambda features, parts: [np.zeros((1, 8, 8, 8)), 0, 0])


def test_a_restoration_is_checked_without_a_network():
    """No Keras layer is called, so that the check is as quick as NumPy."""

    def restore(photo, whole):
        assert type(whole.shallow(photo)).__name__ == "Wire"
        return photo

    with pytest.raises(NotYet, match=r"the result is the photo, without|lacks a sum"):
        mirnet.restore(restore)
