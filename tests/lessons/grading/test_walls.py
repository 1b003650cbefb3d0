"""What code in the sandbox can reach, tried from inside; and what is said where there is no sandbox."""

import os
import platform
import socket
import subprocess
from pathlib import Path

import pytest

from lessons.grading import walls
from lessons.grading.data_pipe import Pipe
from lessons.grading.remote_answer import RemoteAnswers
from lessons.grading.walls import sandboxed, why_no_sandbox
from mirnet_packages import ROOT

TRIED = """
import os, pathlib, socket, subprocess, threading
seen = {}

def tried(name, action):
    try:
        seen[name] = f"yes: {action()!r}"
    except BaseException as error:
        seen[name] = f"no: {type(error).__name__}"

def flood():
    for number in range(4):
        pathlib.Path(f"/tmp/{number}").write_bytes(bytes(40 * 2**20))

def new_namespace():
    import ctypes
    return 1 / (ctypes.CDLL(None).unshare(0x10000000) + 1)

tried("network", lambda: socket.create_connection(("127.0.0.1", PORT), 2))
tried("far network", lambda: socket.create_connection(("192.0.2.1", 80), 2))
tried("write outside", lambda: pathlib.Path("OUTSIDE/made").write_text("x"))
tried("write at the root", lambda: pathlib.Path("/made").write_text("x"))
tried("write into the package", lambda: pathlib.Path("PACKAGE/model/made.py").write_text("x"))
tried("write into the lessons", lambda: pathlib.Path("PACKAGE/lessons/made.py").write_text("x"))
tried("write to a device", lambda: pathlib.Path("/dev/shm/made").write_text("x"))
tried("read others", lambda: pathlib.Path("OUTSIDE/bob.ipynb").read_text())
tried("list others", lambda: os.listdir("OUTSIDE"))
tried("read a solution", lambda: pathlib.Path("PACKAGE/lessons/01_dark.py").read_text())
tried("read a check", lambda: pathlib.Path("PACKAGE/lessons/checks/dark.py").read_text())
tried("read tests", lambda: os.listdir("PACKAGE/tests/lessons"))
tried("read users", lambda: pathlib.Path("/etc/passwd").read_text())
tried("fork", os.fork)
tried("start a process", lambda: subprocess.run(["true"]))
tried("make a namespace", new_namespace)
tried("take 4 GB", lambda: bytes(4 * 2**30))
tried("see processes", lambda: sorted(map(int, filter(str.isdigit, os.listdir("/proc")))))
tried("see the judge's variables", lambda: sorted(os.environ))
tried("write at home", lambda: pathlib.Path("mine.txt").write_text("x"))
tried("start a thread", lambda: threading.Thread(target=int).start())
tried("use our packages", lambda: __import__("model.images.darken"))
tried("fill the disk", flood)
"""
ALLOWED = {"see processes", "see the judge's variables", "write at home", "start a thread", "use our packages"}


def test_nothing_outside_is_reached(tmp_path, walls, monkeypatch):
    monkeypatch.setenv("SECRET", "of the teacher")
    (tmp_path / "bob.ipynb").write_text("{}", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server, sandboxed(1024, 60, (tmp_path,)) as process:
        answers = RemoteAnswers(Pipe(process.stdout, process.stdin), 60)
        code = TRIED.replace("PORT", str(server.getsockname()[1]))
        said = answers.run(code.replace("OUTSIDE", str(tmp_path)).replace("PACKAGE", str(ROOT)), "tried")
        assert said == ""
        found = answers.value("seen")
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    reached = {name: what for name, what in found.items() if not what.startswith("no: ")}
    assert set(reached) == ALLOWED, found
    assert len(found) == len(ALLOWED) + 18
    assert len(reached["see processes"].split(",")) <= 2  # itself, and bubblewrap's own
    assert "SECRET" not in reached["see the judge's variables"]
    assert [path.name for path in tmp_path.iterdir()] == ["bob.ipynb"]


def test_notebooks_below_our_own_folder_are_not_seen(walls, tmp_path):
    """A teacher may keep them anywhere, even where Python itself is."""
    folder = ROOT / "model" / "samples"
    with sandboxed(1024, 60, (folder,)) as process:
        answers = RemoteAnswers(Pipe(process.stdout, process.stdin), 60)
        assert answers.run(f"import os\nfound = os.listdir({str(folder)!r})", "tried") == ""
        assert answers.value("found") == []


def test_it_ends_with_whoever_made_it(walls):
    with sandboxed(1024, 60) as process:
        answers = RemoteAnswers(Pipe(process.stdout, process.stdin), 60)
        assert answers.run("1", "tried") == ""
    assert process.poll() is not None
    assert answers.run("1", "tried").startswith("NotYet")
    assert answers.ended


def test_without_walls_the_answers_run_elsewhere_all_the_same():
    with sandboxed(2048, 60, trust=True) as process:
        answers = RemoteAnswers(Pipe(process.stdout, process.stdin), 60)
        assert answers.run("import os\nmine, folder = os.getpid(), os.getcwd()", "tried") == ""
        assert answers.value("mine") == process.pid != os.getpid()
        folder = Path(answers.value("folder"))
    assert not folder.exists()


def test_it_is_said_why_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr(walls.shutil, "which", lambda name: None)
    assert "apt-get install bubblewrap" in why_no_sandbox()
    monkeypatch.setattr(walls.shutil, "which", lambda name: name)
    monkeypatch.setattr(platform, "machine", lambda: "sparc")
    assert "not for sparc" in why_no_sandbox()
    monkeypatch.undo()
    monkeypatch.setattr(walls.shutil, "which", lambda name: name)
    failed = subprocess.CompletedProcess([], 1, "", "bwrap: No permissions to create new namespace\n")
    monkeypatch.setattr(walls.subprocess, "run", lambda *words, **options: failed)
    assert "No permissions to create new namespace" in why_no_sandbox()
