"""Messages: their parts, and how a notebook shows them."""

import pytest

from lessons.checks.kit import NotYet, given


def test_a_message_has_its_parts_and_a_notebook_shows_it_alone():
    error = NotYet("x is 2, not 1.", "one was added.", "“Counting”", "the first is right.")
    assert str(error).splitlines() == [
        "✗ x is 2, not 1.",
        "  It looks as if one was added.",
        "  Step by step: the first is right.",
        "  Where to look: “Counting”",
    ]
    assert error._render_traceback_() == str(error).splitlines()
    long = NotYet("word " * 60, "this " * 60)
    assert max(map(len, long._render_traceback_())) <= 96
    assert " ".join(long._render_traceback_()).split() == str(long).split()
    assert str(NotYet("x is 2.")) == "✗ x is 2."


def test_values_to_fill_in():
    assert given("answer", 0) == 0
    with pytest.raises(NotYet, match=r"answer is not filled in yet: replace the `\.\.\.`"):
        given("answer", ...)
    with pytest.raises(NotYet, match=r"answer is None.\n  It looks as if `print` shows a value"):
        given("answer", None)
