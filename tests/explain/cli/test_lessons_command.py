"""`mirnet lessons`: the list, a folder of notebooks, and what is missing for more."""

import json
import subprocess
import sys

from submitted import submitted, written

from explain.cli.main import main
from lessons.grading import grades
from lessons.making import folder as working
from lessons.making.script import all_lessons


def test_the_list_names_every_lesson(capsys):
    assert main(["lessons"]) == 0
    said = capsys.readouterr().out
    for lesson in all_lessons():
        assert lesson.title in said
        assert str(lesson.minutes) in said


def test_notebooks_are_written_and_kept(tmp_path, capsys):
    folder, count = tmp_path / "mine", len(all_lessons()) + 1
    assert main(["lessons", "-o", str(folder)]) == 0
    following = f"next: mirnet lessons -o {folder} --open\n"
    assert capsys.readouterr().out == f"{folder}: {count} notebooks written\n{following}"
    first = json.loads((folder / f"{all_lessons()[0].name}.ipynb").read_text(encoding="utf-8"))
    assert first["nbformat"] == 4
    assert main(["lessons", "-o", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder}: 0 notebooks written, {count} kept as they were\n{following}"


def test_solutions_are_written_for_a_learner_who_asks(tmp_path, capsys):
    folder, count = tmp_path / "mine", len(all_lessons())
    assert main(["lessons", "-o", str(folder), "--solutions"]) == 0
    assert capsys.readouterr().out.startswith(f"{folder}: {2 * count + 1} notebooks written\n")
    for lesson in all_lessons():
        solved = (folder / "solutions" / f"{lesson.name}.ipynb").read_text(encoding="utf-8")
        assert "NotImplementedError" not in solved
        assert "NotImplementedError" in (folder / f"{lesson.name}.ipynb").read_text(encoding="utf-8")
    assert main(["lessons", "--solutions"]) == 2
    assert "--solutions needs the folder" in capsys.readouterr().err


def test_a_teacher_gets_notebooks_and_an_overview(tmp_path, capsys):
    folder = tmp_path / "mine"
    assert main(["lessons", "-o", str(folder), "--teacher"]) == 0
    made = sorted(path.name for path in (folder / "teacher").iterdir())
    assert made == sorted([*(f"{lesson.name}.ipynb" for lesson in all_lessons()), "overview.ipynb"])
    assert "notebooks written" in capsys.readouterr().out
    assert main(["lessons", "--teacher"]) == 2
    assert "--teacher needs the folder" in capsys.readouterr().err


def test_grading_writes_a_table_and_says_what_is_in_it(tmp_path, capsys, monkeypatch):
    lesson = all_lessons()[0]
    written(tmp_path / "all/ann/01_dark.ipynb", submitted())
    verdicts = {name: ("right", "") for name in lesson.exercises} | {"snr": ("wrong", "too small")}
    monkeypatch.setattr(grades, "_judged", lambda *words: verdicts)
    monkeypatch.setattr(grades, "why_no_sandbox", lambda: "")
    table = tmp_path / "grades.csv"
    assert main(["lessons", "--grade", str(tmp_path / "all"), "-o", str(table)]) == 0
    assert capsys.readouterr().out == f"{table}: 5 lines, 4 right, 1 wrong\n"
    assert "ann,01_dark,snr,0,wrong,too small,ann/01_dark.ipynb," in table.read_text(encoding="utf-8")


def test_grading_is_refused_in_one_line(tmp_path, capsys, monkeypatch):
    written(tmp_path / "all/ann/01_dark.ipynb", submitted())
    monkeypatch.setattr(grades, "why_no_sandbox", lambda: "bubblewrap is not installed; install bubblewrap")
    for words, says in {
        ("--grade", str(tmp_path / "all")): "--grade needs a table to write",
        ("--grade", str(tmp_path / "all"), "-o", "g.csv", "--open"): "goes alone",
        ("--trust",): "--trust is for --grade",
        ("--grade", str(tmp_path / "all"), "-o", str(tmp_path / "g.csv")): "bubblewrap is not installed",
        ("--grade", str(tmp_path / "none"), "-o", str(tmp_path / "g.csv")): "is no folder",
    }.items():
        assert main(["lessons", *words]) == 2
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert says in error
        assert error.startswith("mirnet: error: ")
    assert not (tmp_path / "g.csv").exists()


def test_opening_needs_a_folder_and_jupyterlab(tmp_path, capsys, monkeypatch):
    assert main(["lessons", "--open"]) == 2
    assert "add -o DIR" in capsys.readouterr().err
    monkeypatch.setattr(working, "find_spec", lambda name: None)
    assert main(["lessons", "-o", str(tmp_path / "mine"), "--open"]) == 2
    assert "pip install 'mirnet-explainer[lessons]'" in capsys.readouterr().err


def test_jupyterlab_is_started_on_the_first_notebook(tmp_path, monkeypatch):
    monkeypatch.setattr(working, "find_spec", lambda name: name)
    argv, environment = working.lab_command(tmp_path, "01_dark")
    assert argv[:4] == [sys.executable, "-m", "jupyterlab", str(tmp_path / "01_dark.ipynb")]
    assert argv[4] == f"--ServerApp.root_dir={tmp_path}"
    assert environment["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_a_stranger_called_lessons_is_named(tmp_path):
    (tmp_path / "lessons.py").write_text("print('a stranger runs')")
    argv = [sys.executable, "-m", "mirnet_explainer", "lessons"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not the package of MIRNet Explainer" in done.stderr


def test_listing_runs_no_network():
    code = (
        "import sys; from explain.cli.main import main; "
        "main(['lessons']); print({'keras', 'nbclient'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
