"""`tools/venv.sh`: which Python it takes, when it installs, and that an interrupted install is done again.

Its Pythons here are stand-ins that say a version and note what they are asked to do: a real install takes minutes and
the network. That a real one works is what running `make test` shows.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "tools" / "venv.sh"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")

# A Python as far as tools/venv.sh sees one. It is copied into .venv/bin by its own `-m venv`, as a real one would be.
STAND_IN = """#!/bin/sh
version=@VERSION@
case "$*" in
*ensurepip*) [ @VENV@ = yes ] ;;
*platform*) echo "$version.1" ;;
*version_info*) echo "$version" ;;
"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo "venv $version" >>log ;;
"-m pip --version") [ ! -e .venv/broken ] ;;
"-m pip install"*) echo "install $*" | sed 's/.* -e/install/' >>log; [ ! -e fail ] ;;
*) echo "unexpected: $*" >>log; exit 9 ;;
esac
"""


class Project:
    """A folder with tools/venv.sh and stand-ins for Python on its PATH."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.bin = folder / "bin"
        (folder / "tools").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(SCRIPT, folder / "tools" / "venv.sh")
        self.write("pyproject.toml", "one")
        for name in ("sh", "cat", "cksum", "cp", "dirname", "mkdir", "mv", "rm", "sed"):
            (self.bin / name).symlink_to(shutil.which(name))

    def write(self, name: str, text: str = ""):
        (self.folder / name).write_text(text)

    def python(self, name: str, version: str, venv: str = "yes"):
        path = self.bin / name
        path.write_text(STAND_IN.replace("@VERSION@", version).replace("@VENV@", venv))
        path.chmod(0o755)

    def run(self, what: str, python: str = "") -> subprocess.CompletedProcess:
        environment = {"PATH": str(self.bin), "PYTHON": python}
        words = ["sh", str(self.folder / "tools" / "venv.sh"), what]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    def log(self) -> list[str]:
        path = self.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "a folder")  # with a blank in its name, as people's folders have


def test_first_run_installs_and_second_does_nothing(project):
    project.python("python3.12", "3.12")
    assert project.run("app").returncode == 0
    assert project.log() == ["venv 3.12", "install ."]
    assert project.run("app").returncode == 0
    assert project.log() == []


def test_dev_after_app_adds_only_the_extra_and_serves_both(project):
    project.python("python3.12", "3.12")
    project.run("app")
    project.log()
    project.run("dev")
    assert project.log() == ["install .[dev]"]
    project.run("app")
    project.run("dev")
    assert project.log() == []


def test_lessons_lie_between_app_and_dev(project):
    project.python("python3.12", "3.12")
    project.run("lessons")
    assert project.log() == ["venv 3.12", "install .[lessons]"]
    project.run("app")
    assert project.log() == []
    project.run("dev")
    assert project.log() == ["install .[dev]"]
    project.run("lessons")
    assert project.log() == []


def test_docs_and_dev_lie_side_by_side(project):
    project.python("python3.12", "3.12")
    project.run("dev")
    project.log()
    project.run("docs")
    assert project.log() == ["install .[docs]"]
    for what in ("dev", "docs", "app"):
        project.run(what)
    assert project.log() == []


def test_changed_dependencies_are_installed(project):
    project.python("python3.12", "3.12")
    project.run("dev")
    project.log()
    project.write("pyproject.toml", "two")
    project.run("dev")
    assert project.log() == ["install .[dev]"]


def test_interrupted_install_is_done_again(project):
    project.python("python3.12", "3.12")
    project.write("fail")
    assert project.run("app").returncode != 0
    project.log()
    (project.folder / "fail").unlink()
    assert project.run("app").returncode == 0
    assert project.log() == ["install ."]


def test_broken_environment_is_made_anew(project):
    project.python("python3.12", "3.12")
    project.run("app")
    project.log()
    project.write(".venv/broken")
    assert project.run("app").returncode == 0
    assert project.log() == ["venv 3.12", "install ."]
    project.write(".venv/bin/python", "")  # its interpreter was removed
    assert project.run("app").returncode == 0
    assert project.log() == ["venv 3.12", "install ."]


def test_python_of_another_version_makes_the_environment_anew(project):
    project.python("python3.11", "3.11")
    project.python("python3.12", "3.12")
    project.run("app", python="python3.11")
    assert project.log() == ["venv 3.11", "install ."]
    project.run("app")  # nothing asked for: the one that is there stays
    project.run("app", python="python3.11")
    assert project.log() == []
    project.run("app", python="python3.12")
    assert project.log() == ["venv 3.12", "install ."]


@pytest.mark.parametrize(
    ("here", "taken"),
    [
        ({"python3.11": "3.11", "python3.12": "3.12", "python3.13": "3.13", "python3": "3.11"}, "3.12"),
        ({"python3.11": "3.11", "python3.13": "3.13", "python3": "3.11"}, "3.13"),
        ({"python3": "3.11"}, "3.11"),
        ({"python3.10": "3.10", "python3.11": "3.11", "python3": "3.10"}, "3.11"),
    ],
)
def test_default_python(here, taken, project):
    for name, version in here.items():
        project.python(name, version)
    assert project.run("app").returncode == 0
    assert project.log()[0] == f"venv {taken}"


def test_a_python_without_venv_is_passed_over_for_one_with_it(project):
    project.python("python3.12", "3.12", venv="no")
    project.python("python3.11", "3.11")
    assert project.run("app").returncode == 0
    assert project.log()[0] == "venv 3.11"


@pytest.mark.parametrize(
    ("pythons", "asked", "says"),
    [
        ({"python3": ("3.10", "yes")}, "", "no Python of 3.11 3.12 3.13 found (python3 is 3.10)"),
        ({}, "", "(python3 is missing)"),
        (
            {"python3.10": ("3.10", "yes")},
            "python3.10",
            "PYTHON=python3.10 is Python 3.10; supported are 3.11 3.12 3.13",
        ),
        ({"python3.14": ("3.14", "yes")}, "python3.14", "is Python 3.14; supported are"),
        ({}, "no-such-python", "PYTHON=no-such-python does not run"),
        ({"python3.12": ("3.12", "no")}, "python3.12", "apt-get install python3.12-venv"),
        ({"python3": ("3.13", "no")}, "", "apt-get install python3.13-venv"),
    ],
)
def test_refusals_are_one_line_and_leave_what_is_there(pythons, asked, says, project):
    for name, (version, venv) in pythons.items():
        project.python(name, version, venv)
    done = project.run("app", python=asked)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr
    assert not (project.folder / ".venv").exists()


def test_a_refusal_keeps_the_environment(project):
    project.python("python3.12", "3.12")
    project.python("python3.10", "3.10")
    project.run("app")
    assert project.run("app", python="python3.10").returncode == 2
    project.log()
    assert project.run("app").returncode == 0
    assert project.log() == []
