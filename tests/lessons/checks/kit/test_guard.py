"""A check around an answer: what it prints, what does not end, and errors of our own."""

import time

import numpy as np
import pytest

from lessons.checks.kit import NotYet, call, exercise
from lessons.checks.kit.guard import FirstLines, is_learners, learners_line, limited


def test_a_check_prints_a_tick(capsys):
    exercise(lambda: "f: done")()
    assert capsys.readouterr().out == "✓ f: done\n"


def chatters():
    for k in range(4405):
        print("line", k)
    return 1


def test_what_an_answer_prints_is_cut(capsys):
    exercise(lambda function: f"f: {call(function)}")(chatters)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Your code printed (of 4405 lines):"
    assert printed[1:6] == [f"  line {k}" for k in range(5)]
    assert printed[6:] == ["✓ f: 1"]


def test_a_long_line_does_not_fill_the_memory():
    lines = FirstLines(5)
    for _ in range(100):
        lines.write("x" * 10_000)
    assert len(lines._text) < 3000


def test_warnings_are_left_to_the_message(recwarn):
    exercise(lambda function: f"f: {call(function)}")(lambda: float(np.log(np.zeros(1))[0]))
    assert not recwarn.list


def test_an_error_of_a_check_is_no_traceback():
    def first(answer):
        return f"f: {answer[0]}"

    with pytest.raises(NotYet, match="the check cannot use this answer \\(TypeError"):
        exercise(first)(5)


def endless():
    number = 0
    while number < 5:
        number -= 1  # the wrong direction


def stubborn():
    while True:
        try:
            endless()
        except Exception:
            pass


@pytest.mark.parametrize("answer", [endless, stubborn])
def test_an_answer_that_does_not_end_is_stopped_and_named(answer):
    started = time.monotonic()
    with pytest.raises(NotYet, match="place has not ended after 0 seconds, and was stopped in the line") as caught:
        with limited("place", 0.2):
            answer()
    assert time.monotonic() - started < 10
    assert "number" in caught.value.what or "while" in caught.value.what


def test_an_answer_is_not_stopped_while_it_imports(tmp_path, monkeypatch):
    """Keras's first import takes longer than any answer may."""
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.9)\nloaded = True\n")
    monkeypatch.syspath_prepend(tmp_path)

    def answer():
        import slow_to_import

        return slow_to_import.loaded

    with limited("place", 0.3):
        assert answer()


def test_an_import_without_an_end_is_stopped(tmp_path, monkeypatch):
    (tmp_path / "never_imported.py").write_text("while True:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(NotYet, match="has not ended after 0 seconds"):
        with limited("place", 0.1):
            import never_imported  # noqa: F401


def test_what_ends_in_time_is_left_alone():
    with limited("place", 0.2):
        pass
    time.sleep(0.4)  # nothing is raised here any more


def test_code_of_ours_is_never_stopped():
    assert not learners_line(None)
    assert is_learners("/tmp/ipykernel_7/12.py")
    assert is_learners("<ipython-input-3>")
    assert not is_learners(np.__file__)
    assert not is_learners(time.strftime.__module__ and pytest.__file__)
    assert not is_learners(exercise.__code__.co_filename)


def test_a_watcher_that_finds_no_answer_waits():
    with limited("order", 0.1):
        np.linalg.norm(np.ones(3))
