"""Limits of the system's own: a good file stays a good one, and what ends at them is told."""

import json
import subprocess
import sys

import pytest

from embedded.tflite import sandbox
from embedded.tflite.runtime import PROBE
from mirnet_packages import ROOT
from model.safety.process_limits import limit_process, own_process, told_by_limits

resource = pytest.importorskip("resource", reason="this system has no limits on processes")

TRIED = f"""
import json, resource, sys
for name, most in json.loads(sys.argv[1]).items():
    resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from embedded.tflite.sandbox import vet
from model.errors import MirnetError
model = Path({str(PROBE)!r}).read_bytes()
try:
    vet(model)
    print("good")
except MirnetError as error:
    print(type(error).__name__, error)
"""


def tried(**limits: int) -> str:
    """What trying a good file out says in a process with these limits."""
    argv = [sys.executable, "-c", TRIED, json.dumps(limits)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "limits", [{"CPU": 50}, {"AS": 3 << 30}, {"CPU": 30, "AS": 2 << 30, "CORE": 0}, {"DATA": 2 << 30}]
)
def test_a_good_file_is_good_under_the_systems_own_limits(limits):
    assert tried(**limits) == "good"


def test_nothing_is_imported_from_the_current_folder(tmp_path, monkeypatch):
    """Neither a learner's `model.py`, nor what lies beside downloaded photos."""
    for name in ("model", "embedded", "json", "base64"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')")
    monkeypatch.chdir(tmp_path)
    command, environment = own_process("model.images.heic_process", "1")
    assert subprocess.run(command, input=b"no photo", env=environment, capture_output=True, check=False).returncode == 0
    assert sandbox.faults([PROBE]) == [None]
    assert not (tmp_path / "ran").exists()


def test_a_system_that_lets_no_file_be_written_is_told():
    assert tried(FSIZE=0).startswith("MirnetError no .tflite file can be tried out here: ")


def test_a_system_that_refuses_limits_is_let_be(monkeypatch):
    """As macOS refuses one on memory."""

    def refuse(kind, limits):
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    limit_process(60, 1 << 30)


def test_limits_are_never_raised(monkeypatch):
    asked = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (20, 40) if kind == resource.RLIMIT_CPU else (-1, -1))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.update({kind: limits}))
    limit_process(60, 1 << 30)
    assert asked == {
        resource.RLIMIT_CPU: (20, 40),
        resource.RLIMIT_DATA: (1 << 30, 1 << 30),
        resource.RLIMIT_AS: (3 << 30, 3 << 30),
        resource.RLIMIT_CORE: (0, 0),
    }
    limit_process(30, 1 << 30)
    assert asked[resource.RLIMIT_CPU] == (20, 31)


@pytest.mark.parametrize(
    ("code", "lower", "said"),
    [
        (-24, {"CPU": 20}, "this system allows a process only 20 s of processor time (ulimit -t): raise that"),
        (-6, {"AS": 200_000_000}, "this system allows a process only 200 MB of memory (ulimit -v): raise that"),
        (1, {"DATA": 50_000_000, "CPU": 9}, "9 s of processor time (ulimit -t) and 50 MB of memory (ulimit -d)"),
        (-9, {}, ""),
        (-9, {"CPU": 20}, "20 s of processor time"),
        (-11, {"CPU": 20}, ""),
        (-24, {}, ""),
        (-6, {"AS": 8 << 30}, ""),
        (1, {}, ""),
    ],
)
def test_only_what_limits_may_have_caused_is_put_down_to_them(code, lower, said, monkeypatch):
    kinds = {getattr(resource, f"RLIMIT_{name}"): most for name, most in lower.items()}
    no_limit = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (kinds.get(kind, no_limit), no_limit))
    found = told_by_limits(code, 60, 4 << 30)
    assert said in found
    assert bool(found) == bool(said)


def test_a_machine_without_memory_is_thought_of(monkeypatch, tmp_path):
    from embedded.tflite import sandbox

    done = subprocess.CompletedProcess([], -9, stdout="ready\n", stderr="")
    monkeypatch.setattr(sandbox.subprocess, "run", lambda *_, **__: done)
    [said] = sandbox.faults([tmp_path / "model.tflite"])
    assert said.startswith("this .tflite file is damaged, or memory ran out: ")


@pytest.mark.parametrize(
    ("code", "errors", "said"),
    [
        (-9, "", "no .tflite file can be tried out here: signal 9"),
        (1, "Traceback\n  File\nImportError: libgomp.so.1: no such file\n", "here: ImportError: libgomp.so.1"),
        (3, "", "here: exit code 3"),
    ],
)
def test_a_process_that_does_not_come_to_try_is_not_the_files_fault(code, errors, said, monkeypatch, tmp_path):
    from embedded.tflite import sandbox
    from model.errors import MirnetError

    done = subprocess.CompletedProcess([], code, stdout="", stderr=errors)
    monkeypatch.setattr(sandbox.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(MirnetError, match=said):
        sandbox.faults([tmp_path / "model.tflite"])
