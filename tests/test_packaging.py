"""The wheel holds what the tree holds, no more and no less, and the papers around it agree with each other."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from embedded.link.simulated_board import c_compiler

ROOT = Path(__file__).parent.parent
PACKAGES = ("model", "explain", "embedded", "lessons")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def tree() -> set[str]:
    """Every file of the project that belongs to it: git's, or what lies on the disk where there is no git."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        return {name for name in listed if (ROOT / name).is_file()}
    tops = [*PACKAGES, "tests", "tools"]
    found = [path for top in tops for path in (ROOT / top).rglob("*")] + list(ROOT.glob("*"))
    return {path.relative_to(ROOT).as_posix() for path in found if path.is_file() and "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """The wheel, built from a copy of the tree, without the network."""
    copy, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in tree():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel):
    expected = {name for name in tree() if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    expected |= {"mirnet_explainer.py", "mirnet_packages.py"}
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert expected - held == set(), "missing in the wheel: name them in pyproject.toml, or add the __init__.py"
    assert held - expected == set(), "in the wheel, and not a file of the packages"


def test_what_is_in_the_wheel_is_what_is_in_the_tree(wheel):
    for name in wheel.namelist():
        if ".dist-info/" not in name:
            assert wheel.read(name) == (ROOT / name).read_bytes(), name


def test_the_wheel_says_what_it_is(wheel):
    (metadata,) = [wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    (entries,) = [wheel.read(name).decode() for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    assert f"\nName: mirnet-explainer\nVersion: {PROJECT['version']}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "mirnet = mirnet_explainer:main" in entries
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())


def test_typed_packages_say_so(wheel):
    assert {f"{package}/py.typed" for package in PACKAGES if package != "lessons"} <= set(wheel.namelist())


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory) -> Callable[..., str]:
    """Runs Python in an empty folder with the wheel's files and nothing of the tree; gives what it prints."""
    site, elsewhere = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("elsewhere")
    wheel.extractall(site)

    def run(*words: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(site)}
        done = subprocess.run(
            [sys.executable, *words], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    places = run("-c", "import embedded, explain, model; print(embedded.__file__, explain.__file__, model.__file__)")
    assert all(Path(place).is_relative_to(site) for place in places.split()), places
    run.folder = elsewhere
    return run


@pytest.mark.slow
def test_the_wheel_alone_makes_and_tests_a_simulated_board(alone, require):
    """The board's C, the kernels and the model are in it."""
    require(c_compiler(), "needs a C compiler: apt-get install gcc")
    require(hasattr(os, "openpty"), "needs pseudo-terminals")
    said = alone("-m", "mirnet_explainer", "board-test", "--simulated", "--frames", "1", "--json", "report.json")
    assert "Equal: 1 frame, every byte as the emulator has it." in said
    assert len(json.loads((alone.folder / "report.json").read_text())["ticks"]) > 200


def test_the_wheel_alone_makes_a_sketch(alone):
    said = alone("-m", "mirnet_explainer", "sketch", "nano", "-o", "mine")
    assert "arduino-cli compile --fqbn arduino:mbed_nano:nano33ble" in said
    held = {path.name for path in (alone.folder / "mine").iterdir()}
    assert {"mine.ino", "mirnet_network.c", "conv_2d_dsp.c", "mirnet_link.c", "README.md"} <= held


@pytest.mark.slow
def test_the_wheel_alone_runs_a_photo_on_the_emulated_board(alone, require):
    require(
        find_spec("unicorn") and find_spec("capstone") and find_spec("ziglang"),
        "needs pip install 'mirnet-explainer[board]'",
    )
    assert "bytes of the picture are the emulator's." in alone("-m", "mirnet_explainer", "board", "-o", "board")
    assert {path.name for path in (alone.folder / "board").iterdir()} == {"before.png", "after.png", "board.png"}


def test_version_is_the_same_everywhere():
    version = PROJECT["version"]
    citation = (ROOT / "CITATION.cff").read_text()
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"\nversion: {version}\n" in citation
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE).group(1) == version


def test_python_versions_are_the_same_everywhere():
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    versions = [f"3.{minor}" for minor in range(int(low), int(high))]
    named = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    script = (ROOT / "tools" / "venv.sh").read_text()
    assert named == versions
    assert f'supported="{" ".join(versions)}"' in script
    from explain.cli.doctor import SUPPORTED

    assert [f"{major}.{minor}" for major, minor in SUPPORTED] == [versions[0], versions[-1]]


def test_licence_is_the_apache_licence():
    text = (ROOT / "LICENSE").read_text()
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text


def test_pre_commit_and_make_check_run_the_same():
    makefile = (ROOT / "Makefile").read_text()
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    checks = re.findall(r"^\t\$\(BIN\) -m ((?:ruff|mypy).*)$", makefile, re.MULTILINE)
    assert len(checks) == 3
    for words in checks:
        assert f"entry: .venv/bin/python -m {words}\n" in hooks


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system: permissions of scripts")
def test_scripts_can_be_run():
    for name in ("tools/venv.sh",):
        assert os.access(ROOT / name, os.X_OK), name
