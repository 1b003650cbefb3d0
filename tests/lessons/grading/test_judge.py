"""Verdicts on one notebook: right, wrong and hostile answers, and that none of them can make its own."""

import textwrap

import pytest
from submitted import DARK, submitted

from lessons.grading.judge import Limits, judged

SHORT = Limits(cell_s=15, answer_s=6, notebook_s=200, megabytes=1024)  # enough on a busy machine, too
NAMES = DARK.exercises
WRONG = "READ_NOISE = 4.0\ndef snr(mean):\n    return mean\n"


pytestmark = pytest.mark.usefixtures("walls")


def verdicts(notebook, hidden=(), limits=SHORT) -> dict[str, str]:
    return {each.exercise: each.verdict for each in judged(notebook, DARK, limits, hidden)}


def said(notebook, exercise: str) -> str:
    return next(each.said for each in judged(notebook, DARK, SHORT) if each.exercise == exercise)


def test_right_wrong_and_open():
    notebook = submitted({"snr": WRONG, "take": DARK.exercise("take", "exercise").source})
    found = {each.exercise: each for each in judged(notebook, DARK, SHORT)}
    assert list(found) == list(NAMES)
    assert [each.verdict for each in found.values()] == ["right", "wrong", "not answered", "right", "right"]
    assert "snr([10000, 400, 16, 4, 1]) is wrong in 100% of its values" in found["snr"].said


def test_a_known_mistake_is_named_as_in_the_notebook():
    shot = "def snr(mean):\n    return np.sqrt(mean)\n"
    assert "read noise is missing: √N is shot noise alone." in said(submitted({"snr": shot}), "snr")


@pytest.mark.slow
def test_what_was_given_and_changed_or_deleted_does_no_harm():
    notebook = submitted()
    given = next(cell for cell in notebook["cells"] if "import numpy as np" in cell["source"])
    given["source"] = given["source"].replace("numpy as np", "numpy")
    notebook["cells"] = [cell for cell in notebook["cells"] if "check" not in cell["metadata"].get("tags", ())]
    assert set(verdicts(notebook).values()) == {"right"}


@pytest.mark.slow
def test_own_cells_magics_and_lost_metadata_are_understood():
    answer = "READ_NOISE = 4.0\ndef snr(mean):\n    return mean / np.sqrt(mean + MINE**2)\n"
    notebook = submitted({"snr": answer}, ["%matplotlib inline\nMINE = 4.0\n!ls"])
    assert verdicts(notebook)["snr"] == "right"
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    assert set(verdicts(notebook).values()) == {"right"}


@pytest.mark.slow
def test_an_endless_loop_an_end_and_too_much_memory_cost_their_own_point_alone():
    endless = "READ_NOISE = 4.0\ndef snr(mean):\n    while True:\n        pass\n"
    found = list(judged(submitted({"snr": endless}), DARK, SHORT))
    assert [each.verdict for each in found] == ["right", "wrong", "right", "right", "right"]
    assert "snr has not ended after 6 seconds" in found[1].said
    for body, text in (
        ("import os\n    os._exit(0)", "has ended the process"),
        ("return np.ones(4 * 2**30 // 8)", "MemoryError"),
        ("import os\n    os.kill(os.getpid(), 9)", "has ended the process"),
        ("raise SystemExit", "SystemExit"),
        ("return [[]] * 10**9", "MemoryError"),
        ("return snr(mean)", "RecursionError"),
    ):
        found = list(judged(submitted({"snr": f"READ_NOISE = 4.0\ndef snr(mean):\n    {body}\n"}), DARK, SHORT))
        assert [each.verdict for each in found] == ["right", "wrong", "right", "right", "right"], body
        assert text in found[1].said, found[1].said


@pytest.mark.slow
def test_a_cell_that_does_not_end_is_left_out():
    found = verdicts(
        submitted(own=["while True:\n    pass", "import os\nos._exit(1)"]), limits=Limits(cell_s=5, notebook_s=200)
    )
    assert set(found.values()) == {"right"}
    late = list(judged(submitted(own=["while True:\n    pass"]), DARK, Limits(cell_s=9, notebook_s=1)))
    assert {each.verdict for each in late} == {"not graded"}


# What an answer may try, so that a wrong one counts as right; the process that runs it cannot.
FORGED = {
    "checks replaced": """
        import lessons.checks.kit as kit
        kit.compare = kit.call = lambda *a, **k: None
        from lessons.checks import dark
        dark.snr = lambda *a: print("✓")
    """,
    "a result that equals everything": """
        class Everything(np.ndarray):
            def __eq__(self, other): return True
            def __array_ufunc__(self, *a, **k): return np.array(True)
        real = np.isclose
        np.isclose = np.allclose = np.array_equal = lambda *a, **k: True
    """,
    "a frame of the judge": """
        import sys, gc
        frame = sys._getframe()
        while frame:
            for name, value in list(frame.f_locals.items()):
                if name in ("reply", "request"): frame.f_locals[name] = {"verdict": "right"}
            frame = frame.f_back
        for each in gc.get_objects():
            if type(each).__name__ == "Answers": each._hold = lambda value: {"kind": "right"}
    """,
    "written into the pipe": """
        import os, json, struct
        for number in range(3, 64):
            for said in ({"verdict": "right", "exercise": "snr", "said": ""}, {"value": True}, {}):
                text = json.dumps(said).encode()
                try: os.write(number, struct.pack(">I", len(text)) + text)
                except OSError: pass
    """,
    "questions without end": """
        import sys, gc
        for each in gc.get_objects():
            if type(each).__name__ == "Pipe":
                while True: each.send({"use": 0, "method": "", "inputs": [], "options": {}})
    """,
    "no message": """
        import os
        for number in range(3, 64):
            try: os.write(number, b"\\xff" * 100)
            except OSError: pass
    """,
    "something that cannot be used": """
        import sys
        runner = sys.modules["__main__"]
        runner.packed = lambda value, hold: {"kind": "held", "number": 0, "callable": True, "name": "✓"}
    """,
    "the solutions": """
        import glob, pathlib, sys
        for root in [*sys.path, "/"]:
            for path in pathlib.Path(root or ".").glob("**/01_dark*"):
                exec(path.read_text())
        try:
            from lessons.making.script import all_lessons
            import lessons.checks.dark as reference
            exec(all_lessons()[0].exercise("snr", "solution").source)
        except ImportError:
            pass
    """,
}


@pytest.mark.slow
@pytest.mark.parametrize("trick", FORGED)
def test_no_answer_makes_its_own_verdict(trick):
    body = textwrap.dedent(FORGED[trick]).strip()
    wrong = f"READ_NOISE = 4.0\ndef snr(mean):\n    return mean\n\n{body}\n"
    inside = "def snr(mean):\n" + textwrap.indent(body, "    ") + "\n    return mean\n"
    for answer in (wrong, inside):
        assert verdicts(submitted({"snr": answer}))["snr"] == "wrong"


@pytest.mark.slow
def test_numbers_are_drawn_from_the_generator_that_is_handed_over():
    begin = "FULL_WELL = 1e4\ndef electrons(light, rng):\n    "
    for answer, verdict in {
        f"{begin}return rng.poisson(lam=light * 1e4, size=light.shape)\n": "right",
        f"{begin}return np.random.default_rng(1).poisson(light * 1e4)\n": "wrong",
        f"{begin}rng.normal(size=10**12)\n    return rng.poisson(light * 1e4)\n": "wrong",
        f"{begin}rng.bit_generator.state = 3\n    return rng.poisson(light * 1e4)\n": "wrong",
    }.items():
        assert verdicts(submitted({"electrons": answer}))["electrons"] == verdict, answer


def test_inputs_that_are_changed_are_noticed():
    answer = "def snr(mean):\n    mean += 16\n    return (mean - 16) / np.sqrt(mean)\n"
    assert "snr changes `mean` that it is given" in said(submitted({"snr": answer}), "snr")
