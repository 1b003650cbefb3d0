"""A folder of notebooks becomes a table: whole, safe in a spreadsheet, and completed where it was interrupted."""

import csv
import socket

import pytest
from submitted import DARK, submitted, written

from lessons.grading import grades
from lessons.grading.grades import Row, grade_folder, learner_of, read_rows
from lessons.grading.judge import Limits
from lessons.making.script import FOLDER, read_lesson
from model.errors import MirnetError

SHORT = Limits(cell_s=60, answer_s=6, notebook_s=300)  # enough on a busy machine, too
PIPELINE = read_lesson(FOLDER / "02_pipeline.py")


def quiet(what: str, done: int, steps: int) -> None:
    """Shows nothing."""


def in_snr(*lines: str) -> dict[str, str]:
    return {"snr": "READ_NOISE = 4.0\ndef snr(mean):\n" + "".join(f"    {line}\n" for line in lines)}


HOSTILE = {
    "endless": in_snr("while True: pass"),
    "sleeping": in_snr("import time", "time.sleep(1e6)"),
    "exit": in_snr("import os", "os._exit(0)"),
    "memory": in_snr("return np.ones(5 * 2**30 // 8)"),
    "many": in_snr("kept = []", "while True: kept.append(bytes(2**20))"),
    "forks": in_snr("import os", "while True: os.fork()"),
    "network": in_snr("import socket", "socket.create_connection(('127.0.0.1', PORT), 2)", "return mean"),
    "writing": in_snr("open('OUTSIDE/made', 'w').write('x')", "return mean"),
    "reading": in_snr("exec(eval(open('OUTSIDE/right0/01_dark.ipynb').read())['cells'][10]['source'])", "return mean"),
    "forging": in_snr(
        "import os, lessons.checks.kit as kit",
        "kit.compare = lambda *a, **k: None",
        "[os.write(k, b'right') for k in range(1, 20) if os.path.exists(f'/proc/self/fd/{k}') and k > 2]",
        "return mean",
    ),
}
WRONG = {
    **{f"wrong{k}": in_snr(f"return mean / {k + 1}") for k in range(7)},
    "wrong7": {"snr": DARK.exercise("snr", "exercise").source},
    "wrong8": {"snr": "READ_NOISE, snr = 4.0, None"},
    "wrong9": {"snr": "READ_NOISE = 4.0\nsnr = 3"},
}


@pytest.mark.slow
def test_thirty_notebooks_right_wrong_and_hostile(tmp_path, walls, monkeypatch):
    folder, table = tmp_path / "handed in", tmp_path / "grades.csv"
    for k in range(10):
        lesson = PIPELINE if k > 7 else DARK
        written(folder / f"right{k}/{lesson.name}.ipynb", submitted(lesson=lesson))
    for name, answers in WRONG.items():
        written(folder / f"{name}_01_dark.ipynb", submitted(answers))
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name, answers in HOSTILE.items():
            port = str(server.getsockname()[1])
            mean = {key: code.replace("PORT", port).replace("OUTSIDE", str(folder)) for key, code in answers.items()}
            written(folder / name / "01_dark.ipynb", submitted(mean))
        before = sorted(folder.rglob("*"))
        rows = grade_folder(folder, table, quiet, SHORT)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert len(rows) == 28 * len(DARK.exercises) + 2 * len(PIPELINE.exercises)
    verdicts = {(row.learner, row.exercise): row.verdict for row in rows}
    assert sorted(folder.rglob("*")) == before
    for (learner, exercise), verdict in verdicts.items():
        mean = exercise == "snr" and not learner.startswith("right")
        assert verdict == ("not answered" if learner == "wrong7" else "wrong") if mean else verdict == "right", (
            learner,
            exercise,
        )
    assert read_rows(table) == rows
    monkeypatch.setattr(grades, "_judged", lambda *words: pytest.fail("graded again"))
    assert grade_folder(folder, table, quiet, SHORT) == rows
    written(folder / "right0/01_dark.ipynb", submitted(in_snr("return 1")))
    with pytest.raises(pytest.fail.Exception, match="graded again"):
        grade_folder(folder, table, quiet, SHORT)


def graded(monkeypatch, verdict="right", said=""):
    """Judges that come to a verdict at once, so that the table alone is looked at."""
    asked = []

    def judge(path, lesson, *words):
        asked.append(path.parent.name)
        return {name: (verdict, said) for name in lesson.exercises}

    monkeypatch.setattr(grades, "_judged", judge)
    monkeypatch.setattr(grades, "why_no_sandbox", lambda: "")
    return asked


def test_no_cell_is_a_formula(tmp_path, monkeypatch):
    graded(monkeypatch, "wrong", "=HYPERLINK(1)")
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "ann", 'a,"b"'):
        written(tmp_path / "all" / name / "01_dark.ipynb", submitted())
    table = tmp_path / "grades.csv"
    rows = grade_folder(tmp_path / "all", table, quiet)
    with table.open(encoding="utf-8", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert "'=1+1" in cells and "'=HYPERLINK(1)" in cells
    assert read_rows(table) == rows
    assert {row.learner for row in rows} == {"=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "ann", 'a,"b"'}


def test_what_is_done_stays_done(tmp_path, monkeypatch):
    asked = graded(monkeypatch)
    for name in ("ann", "bob", "cleo"):
        written(tmp_path / "all" / name / "01_dark.ipynb", submitted())
    judge, table = grades._judged, tmp_path / "grades.csv"

    def interrupted(path, *words):
        if path.parent.name == "cleo":
            raise KeyboardInterrupt
        return judge(path, *words)

    monkeypatch.setattr(grades, "_judged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade_folder(tmp_path / "all", table, quiet)
    assert {row.learner for row in read_rows(table)} == {"ann", "bob"}
    monkeypatch.setattr(grades, "_judged", judge)
    assert len(grade_folder(tmp_path / "all", table, quiet)) == 15
    assert asked == ["ann", "bob", "cleo"]


def test_what_had_no_time_is_graded_again(tmp_path, monkeypatch):
    asked = graded(monkeypatch, grades.LATE)
    written(tmp_path / "all/ann/01_dark.ipynb", submitted())
    for _ in range(2):
        grade_folder(tmp_path / "all", tmp_path / "grades.csv", quiet)
    assert asked == ["ann", "ann"]


def test_what_is_no_notebook_is_told_and_does_not_stop_the_others(tmp_path, monkeypatch):
    graded(monkeypatch)
    folder = tmp_path / "all"
    written(folder / "ann/01_dark.ipynb", submitted())
    (folder / "bob.ipynb").write_text("{", encoding="utf-8")
    written(folder / "cleo.ipynb", {"cells": [], "metadata": {}})
    written(folder / "dan.ipynb", {"cells": [3], "metadata": {}})
    written(folder / "eve.ipynb", [])
    written(folder / ".ipynb_checkpoints/ann.ipynb", submitted())
    written(folder / "ann/glossary.ipynb", {"cells": [], "metadata": {}})
    (folder / "link.ipynb").symlink_to(folder / "bob.ipynb")
    rows = grade_folder(folder, tmp_path / "grades.csv", quiet)
    told = {row.notebook: row.verdict for row in rows}
    names = ("bob", "cleo", "dan", "eve")
    assert told == {"ann/01_dark.ipynb": "right", **{f"{name}.ipynb": "unreadable" for name in names}}


def test_a_learner_is_called_as_the_folder_or_the_file(tmp_path):
    for place, name in {
        "ann/01_dark.ipynb": "ann",
        "ann/01_dark/01_dark.ipynb": "ann",
        "ann_01_dark.ipynb": "ann",
        "01_dark-bob.ipynb": "bob",
        "01_dark.ipynb": "01_dark",
    }.items():
        assert learner_of(tmp_path / place, tmp_path, "01_dark") == name


def test_where_nothing_can_be_graded(tmp_path, monkeypatch):
    table = tmp_path / "grades.csv"
    with pytest.raises(MirnetError, match="is no folder"):
        grade_folder(tmp_path / "none", table, quiet)
    with pytest.raises(MirnetError, match="there is no notebook"):
        grade_folder(tmp_path, table, quiet)
    written(tmp_path / "01_dark.ipynb", submitted())
    monkeypatch.setattr(grades, "why_no_sandbox", lambda: "bubblewrap is not installed")
    with pytest.raises(MirnetError, match=r"bubblewrap is not installed\. .* --trust"):
        grade_folder(tmp_path, table, quiet)
    assert not table.exists()
    table.write_text("my diary", encoding="utf-8")
    with pytest.raises(MirnetError, match="is no table of grades"):
        grade_folder(tmp_path, table, quiet, trust=True)
    assert table.read_text(encoding="utf-8") == "my diary"


def test_a_table_keeps_what_is_not_in_the_folder_any_more(tmp_path, monkeypatch):
    graded(monkeypatch)
    written(tmp_path / "one/ann/01_dark.ipynb", submitted())
    written(tmp_path / "two/bob/01_dark.ipynb", submitted())
    table = tmp_path / "grades.csv"
    grade_folder(tmp_path / "one", table, quiet)
    rows = grade_folder(tmp_path / "two", table, quiet)
    assert [row.learner for row in rows] == ["ann"] * 5 + ["bob"] * 5
    assert rows[0] == Row("ann", "01_dark", "electrons", "1", "right", "", "ann/01_dark.ipynb", rows[0].version)
