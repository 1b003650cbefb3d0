"""Every snippet of the README and of docs/ does what it says, and every path in them leads somewhere."""

import re
import shlex
from pathlib import Path

import pytest

from explain.cli.main import build_parser, find_commands
from mirnet_packages import PACKAGES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)


def blocks(language: str, text: str = TEXT) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.slow
def test_the_python_snippet_runs_and_shows_what_its_comments_say(capsys):
    (snippet,) = blocks("python")
    names: dict = {}
    exec(compile(snippet, "README.md", "exec"), names)
    assert names["weights"].shape == (1, 3, 1, 8)
    assert names["weights"].sum(axis=1) == pytest.approx(1)
    assert names["restored"].shape == names["no_attention"].shape == (1, *names["dark"].shape)
    assert "1." in capsys.readouterr().out


def test_every_mirnet_line_is_one_that_the_command_takes():
    parser = build_parser(find_commands())
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("mirnet ")]
    assert len(lines) > 20  # they are found
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        assert parser.parse_args(words).command == words[0]


def test_every_make_line_is_a_target():
    makefile = (ROOT / "Makefile").read_text()
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("make ")]
    assert lines
    for line in lines:
        assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_every_link_and_path_inside_the_project_leads_somewhere(page):
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)[)#]", text) if "://" not in link]
    assert len(links) > (10 if page.name == "README.md" else -1)
    for link in links:
        assert (page.parent / link).exists(), link
    assert not [path for path in paths(text) if not any(ROOT.glob(path))]


def paths(text: str) -> list[str]:
    """What is written as code and begins with one of our folders; NAME stands for a name of the reader's own."""
    tops = [path.name for path in ROOT.iterdir() if path.name not in ("build", "dist")]
    written = re.findall(r"`([\w.*-]+/[\w./*-]*)`", text)
    return [path for path in written if path.split("/")[0] in tops and "NAME" not in path]


def test_questions_of_a_newcomer_are_answered_by_paths():
    table = (ROOT / "CONTRIBUTING.md").read_text().split("### Where is …")[1].split("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")][2:]
    assert len(rows) >= 12
    for row in rows:
        assert paths(row), row


@pytest.mark.parametrize("package", PACKAGES)
def test_the_folders_inside_a_package_are_told(package):
    (row,) = re.findall(rf"^\| `{package}/` \|.*", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    folders = sorted(path.parent.name for path in (ROOT / package).glob("*/__init__.py"))
    assert re.findall(r"`(\w+)`", row.split(" | ")[2]) == folders


def test_the_readme_is_what_a_newcomer_reads():
    assert len(PAGES[0].read_text().splitlines()) <= 150
