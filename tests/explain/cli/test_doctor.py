"""`mirnet doctor` says what is true: planted faults are found, and the exit code follows."""

import os
import stat
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement

import model.weights.shipped_weights
from explain.cli import doctor, main
from explain.cli.doctor import BROKEN, MISSING, OK, Finding


def by_name(findings):
    return {finding.name: finding for finding in findings}


@pytest.mark.slow
def test_libraries_are_the_ones_that_the_project_declares_and_all_work():
    found = by_name(doctor.libraries())
    assert {"tensorflow", "keras", "streamlit", "matplotlib", "numpy", "pillow", "rich"} <= set(found)
    assert {finding.state for finding in found.values()} == {OK}, found
    for name, finding in found.items():
        assert metadata.version(name) in finding.text
    runtime = found.get("tflite-runtime") or found["ai-edge-litert"]
    assert "invokes" in runtime.text


@pytest.mark.parametrize(
    ("need", "state", "advice"),
    [
        ("no-such-library>=2", MISSING, "pip install 'no-such-library>=2'"),
        ("numpy>=99", BROKEN, "pip install 'numpy>=99'"),
        ("pillow", OK, metadata.version("pillow")),
    ],
)
def test_a_requirement_that_is_not_met_is_a_fault(need, state, advice):
    finding = doctor._library(Requirement(need))
    assert finding.state == state
    assert advice in finding.text
    assert finding.is_fault == (state != OK)


@pytest.mark.parametrize(
    ("code", "state", "said"),
    [
        ("print('noise'); print('fine 1')", OK, "fine 1"),
        ("import no_such_module", BROKEN, "No module named 'no_such_module'"),
        ("raise RuntimeError('NumPy 2')", BROKEN, "RuntimeError: NumPy 2"),
        ("import os; os.kill(os.getpid(), 4)", BROKEN, "SIGILL"),
        ("import time; time.sleep(600)", BROKEN, "did not answer within 1 seconds"),
    ],
)
def test_a_broken_library_is_a_row_and_not_the_end(code, state, said, monkeypatch):
    if "sleep" in code:
        monkeypatch.setattr(doctor, "PROBE_TIMEOUT_S", 1)
    found = doctor.probe(code)
    assert found[0] == state
    assert said in found[1]


WITHOUT_LIBRARIES = """
import sys
from explain.cli import doctor
from mirnet_explainer import main

doctor.libraries = lambda: []
sys.exit(main(["doctor"]))
"""


@pytest.mark.parametrize(
    ("argv", "tensorflow"),
    [
        (["-c", WITHOUT_LIBRARIES], None),
        pytest.param(["-m", "mirnet_explainer", "doctor"], metadata.version("tensorflow"), marks=pytest.mark.slow),
    ],
    ids=["without libraries", "whole"],
)
def test_a_stranger_in_the_folder_is_reported_and_survived(tmp_path, argv, tensorflow):
    (tmp_path / "model.py").write_text("raise RuntimeError('a stranger runs')")
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert f"`model` is {tmp_path / 'model.py'}, not the package of MIRNet Explainer" in done.stdout
    assert "Required, and missing or broken: model." in done.stdout
    assert tensorflow is None or f"tensorflow         │ ok      │ {tensorflow}" in done.stdout


def test_programs_are_found_by_running_them(tmp_path, monkeypatch):
    program = tmp_path / "arm-none-eabi-gcc"
    program.write_text("#!/bin/sh\necho 'arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    found = by_name(doctor.tools(doctor.BOARD_TOOLS))
    assert found["arm-none-eabi-gcc"].text.startswith("12.2")
    assert found["arduino-cli"].state == MISSING
    assert "would give" in found["arduino-cli"].text
    assert not found["arduino-cli"].is_fault


def test_a_program_that_does_not_run_is_said(tmp_path):
    program = tmp_path / "tool"
    program.write_bytes(b"\x7fELF nonsense")
    program.chmod(0o755)
    assert "does not run" in doctor.program_version(str(program), "--version")


def test_optional_packages_say_what_they_would_give(monkeypatch):
    found = by_name(doctor.extras({"no-such-package": "wings", "numpy": "arrays"}))
    assert found["no-such-package"].text == "would give: wings (pip install no-such-package)"
    assert found["numpy"].text == f"{metadata.version('numpy')}: arrays"


def test_shipped_counts_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    (tmp_path / "model" / "samples").mkdir(parents=True)
    empty = by_name(doctor.shipped())
    assert empty["samples"].is_fault
    (tmp_path / "model" / "samples" / "a.webp").write_bytes(b"")
    full = by_name(doctor.shipped())
    assert full["samples"].text == f"1 pictures in {tmp_path / 'model' / 'samples'}"
    assert full["weights desk"].state == OK and "trained on LOL" in full["weights desk"].text
    monkeypatch.setattr(model.weights.shipped_weights, "FOLDER", tmp_path)
    assert by_name(doctor.shipped())["weights desk"].is_fault


def test_python_that_is_not_supported_is_a_fault(monkeypatch):
    assert not any(finding.is_fault for finding in doctor.machine())
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 1, "final", 0))
    assert by_name(doctor.machine())["Python"].is_fault


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (Finding("a", OK, "1.0"), 0),
        (Finding("a", MISSING, "would give: b", required=False), 0),
        (Finding("a", MISSING, "pip install a"), 1),
        (Finding("a", BROKEN, "[not a style] fails"), 1),
    ],
)
def test_exit_code_follows_what_is_required(finding, code, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: {"Heading": [finding]})
    assert main.main(["doctor"]) == code
    assert finding.text in capsys.readouterr().out
