"""Every snippet of the README does what it says."""

import re
import shlex
from pathlib import Path

import pytest

from explain.cli.main import build_parser, find_commands

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


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
    assert len(lines) == 15
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        assert parser.parse_args(words).command == words[0]


def test_every_make_line_is_a_target():
    makefile = (ROOT / "Makefile").read_text()
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("make ")]
    assert lines
    for line in lines:
        assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE)


def test_every_link_inside_the_project_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).exists(), link
