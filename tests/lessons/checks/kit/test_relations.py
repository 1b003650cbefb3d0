"""Statements about numbers: factors, forms, orders, and where values are wrong."""

import numpy as np
import pytest

from lessons.checks.kit.relations import related, where_wrong

RIGHT = np.array([[0.5, 2.0, 3.25], [-1.5, 4.0, 7.125]])


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (2 * RIGHT, "twice it"),
        (-RIGHT, "minus it"),
        (RIGHT / 255, "1/255 of it, everywhere"),
        (7.3 * RIGHT, "7.3 times it, everywhere"),
        (RIGHT + 1.5, "it + 1.5, everywhere"),
        (1 / RIGHT, "one over it"),
        (RIGHT**2, "the square of it"),
        (np.abs(RIGHT), "it without its sign"),
        (np.floor(RIGHT), "it rounded down"),
        (np.maximum(RIGHT, 0), "it with what is negative set to 0"),
        (1 / (1 + np.exp(-RIGHT)), "it through a sigmoid"),
        (RIGHT[::-1], "it in reverse order along axis 0"),
        (np.roll(RIGHT, 1, 1), "it, one place off along axis 1"),
        (RIGHT.T, "it with its axes exchanged"),
        (RIGHT.ravel(), "it, in the shape (6,)"),
        (np.stack([RIGHT, RIGHT]), "it, but not yet averaged along axis 0"),
        (np.broadcast_to(RIGHT.mean(0), RIGHT.shape), "the mean of it along axis 0"),
        (RIGHT[::-1, ::-1].reshape(2, 3)[:, [1, 0, 2]], "it in another order"),
        (RIGHT + np.eye(2, 3), ""),
        (np.full_like(RIGHT, 3.0), ""),
        (RIGHT * np.nan, ""),
    ],
)
def test_arrays(found, text):
    assert related(found, RIGHT, "it") == text


@pytest.mark.parametrize(
    ("found", "right", "text"),
    [
        (6.0, 3.0, "twice it"),
        (3.1, 3.0, ""),
        (9.0, 3.0, "3 times it"),
        ([1.0, 5.0], 3.0, "it, but not yet averaged along axis 0"),
    ],
)
def test_numbers(found, right, text):
    assert related(np.array(found), np.array(right), "it") == text


def test_one_picture_has_no_border_along_its_batch():
    wrong = np.zeros((1, 4, 5, 2), bool)
    wrong[0, 1, 2, 0] = wrong[0, 2, 3, 1] = True
    assert "border" not in where_wrong(wrong, np.ones(wrong.shape))


def wrong_at(*places):
    wrong = np.zeros((4, 5), bool)
    for place in places:
        wrong[place] = True
    return wrong


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (wrong_at(np.s_[:]), ""),
        (wrong_at(), ""),
        (wrong_at(2), "only index 2 along axis 0 is wrong"),
        (wrong_at(np.s_[:, 1:]), "only index 0 along axis 1 is right"),
        (wrong_at(0, 3), "only the two ends along axis 0 are wrong"),
        (wrong_at(0, 3, np.s_[:, 0], np.s_[:, 4]), "only the border is wrong"),
    ],
)
def test_places(wrong, text):
    assert where_wrong(wrong, np.arange(20.0).reshape(4, 5)) == text


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ([-2, 3, -1, 4], [1, 0, 1, 0], "only values are wrong where the right one is negative"),
        ([5, 300, 7, 260], [0, 1, 0, 1], "only the largest values are wrong, from 260 on"),
        ([5, 300, 7, 260], [1, 0, 1, 0], "only the smallest values are wrong, up to 7"),
        ([5, 300, 7, 260], [1, 1, 0, 0], ""),
    ],
)
def test_values(right, wrong, text):
    assert where_wrong(np.array(wrong, bool), np.array(right)) == text
