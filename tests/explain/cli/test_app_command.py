"""`mirnet app --weights`: which network the page gets, and what is told before a server starts."""

import os
from pathlib import Path

import pytest
from own_networks import SIZES, random_run
from quick import quick

from explain.app.network_name import named
from explain.cli import serve
from explain.cli.main import main
from explain.cli.running import page_network
from explain.cli.running.page_network import available_memory, environment

VARIABLES = ("MIRNET_APP_WEIGHTS", "MIRNET_APP_PRESET")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return random_run(tmp_path_factory.mktemp("own") / "run", SIZES["one column"])


@pytest.fixture
def served(monkeypatch) -> list[dict[str, str]]:
    """What the page's processes would read, of every server that was started."""
    found: list[dict[str, str]] = []
    for name in VARIABLES:  # set first, so that what the command sets is undone afterwards
        monkeypatch.setenv(name, "")

    def start(*_, **__) -> int:
        found.append({name: os.environ[name] for name in VARIABLES if os.environ.get(name)})
        return 0

    monkeypatch.setattr(serve, "serve", start)
    return found


@pytest.mark.slow
def test_a_learners_network_is_tried_and_then_served(run, served, capsys):
    assert main(["app", "--weights", str(run), "--no-browser"]) == 0
    assert served == [{"MIRNET_APP_WEIGHTS": str(run)}]
    said = capsys.readouterr().err
    assert "weights from net.weights.h5: 4 channels, 1 x 1 blocks, 2 streams; loading it" in said


def test_the_usual_network_is_served_at_once(served, monkeypatch, capsys):
    monkeypatch.setattr(page_network.subprocess, "run", None)  # nobody tries anything
    assert main(["app"]) == main(["app", "--weights", "desk"]) == main(["app", "--preset", "desk"]) == 0
    assert len(served) == 3 and capsys.readouterr().err == ""


def damaged(run: Path, folder: Path, how: str) -> str:
    """The name of weights that cannot be used."""
    content, card = (run / "net.weights.h5").read_bytes(), (run / "run.json").read_text()
    if how == "missing":
        return str(folder / "missing")
    if how == "empty folder":
        return str(folder)
    if how == "a photo":
        (folder / "dark.png").write_bytes(b"x")
        return str(folder / "dark.png")
    (folder / "net.weights.h5").write_bytes(content[:5000] if how == "cut short" else content)
    if how != "no card":
        wrong = card.replace('"channels": 4', '"channels": 3') if how == "of another" else card
        (folder / "run.json").write_text(wrong)
    return str(folder / "net.weights.h5")


@pytest.mark.parametrize(
    ("how", "sentence"),
    quick(
        [
            ("missing", "there is no file"),
            ("cut short", "cannot be read as Keras weights"),
            ("empty folder", "holds no net.weights.h5"),
            ("a photo", "weights must be in a file that ends in one of"),
            ("of another", "holds the weights of another network"),
            ("no card", "put its run.json beside it"),
        ],
        first=1,
    ),
)
def test_what_cannot_be_used_is_one_line_and_no_server(run, served, tmp_path, capsys, how, sentence):
    assert main(["app", "--weights", damaged(run, tmp_path, how)]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("mirnet: error:")]
    assert sentence in line and not served


def test_a_wrong_preset_is_one_line(run, served, capsys):
    assert main(["app", "--preset", "huge"]) == 2
    assert "unknown preset 'huge'" in capsys.readouterr().err
    assert main(["app", "--weights", str(run), "--preset", "1x1"]) == 2
    assert "than the one asked for (channels 4 and not 64" in capsys.readouterr().err
    assert not served


def test_a_network_that_does_not_fit_is_one_line(run, served, monkeypatch, capsys):
    monkeypatch.setattr(page_network, "available_memory", lambda: 900_000_000)
    monkeypatch.setattr(page_network, "_needed", lambda: 1_500_000_000)
    assert main(["app", "--weights", str(run)]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "about 1.5 GB of memory with this network, and 0.9 GB are free" in error and not served


MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n"
LIMIT, USED = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"/proc/meminfo": MEMINFO}, 8_192_000_000),
        ({"/proc/meminfo": MEMINFO, LIMIT: "max", USED: "5"}, 8_192_000_000),
        ({"/proc/meminfo": MEMINFO, LIMIT: "4000000000", USED: "1000000000"}, 3_000_000_000),
        ({}, None),
        ({"/proc/meminfo": "what is this"}, None),
    ],
)
def test_free_memory_is_that_of_the_container(files, free):
    def read(path: str) -> str:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    assert available_memory(read) == free


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, ("desk", None)),
        ({"MIRNET_APP_WEIGHTS": "", "MIRNET_APP_PRESET": ""}, ("desk", None)),
        ({"MIRNET_APP_WEIGHTS": "desk", "MIRNET_APP_PRESET": "desk"}, ("desk", None)),
        ({"MIRNET_APP_WEIGHTS": "run"}, (None, "run")),
        ({"MIRNET_APP_PRESET": "paper", "MIRNET_APP_WEIGHTS": "random"}, ("paper", "random")),
    ],
)
def test_one_network_has_one_name(given, name):
    assert named(given) == name
    assert named(environment(*name)) == name
