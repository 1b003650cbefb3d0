"""The `mirnet` command itself: light, honest exit codes, one line for a mistake, and no stranger's `model.py`."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import mirnet_packages
from explain.cli import main, quiet
from model.errors import ImageError, MirnetError

HEAVY = {"keras", "tensorflow", "streamlit", "matplotlib", "jax", "torch", "rich", "numpy"}
SCRIPT = Path(sys.executable).with_name("mirnet")


def run(*argv, cwd, **environment):
    """Run a command as a user would: another folder, its own process."""
    env = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    return subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)


def planted(error=None, code=0, output=""):
    """A command named `plant` that prints, raises or returns what the test says."""

    def work(args):
        print(output, end="")
        if error is not None:
            raise error
        return code

    return {"plant": SimpleNamespace(add_parser=lambda subparsers: subparsers.add_parser("plant"), run=work)}


@pytest.fixture
def plant(monkeypatch):
    """Make `mirnet plant` behave as told, and give its exit code."""

    def start(**behaviour):
        monkeypatch.setattr(main, "find_commands", lambda only: planted(**behaviour))
        return main.main(["plant"])

    return start


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["app", "--help"], ["doctor", "--help"]])
def test_help_and_version_import_nothing_heavy(argv, tmp_path):
    code = (
        "import sys; from mirnet_explainer import main\n"
        f"try: main({argv})\n"
        f"except SystemExit as end: print('\\nheavy:', sorted({HEAVY} & set(sys.modules)), end.code)"
    )
    done = run(sys.executable, "-c", code, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "heavy: [] 0", done.stdout + done.stderr


def test_version_is_the_one_of_the_project(tmp_path):
    done = run(SCRIPT, "--version", cwd=tmp_path)
    project = (mirnet_packages.ROOT / "pyproject.toml").read_text()
    number = done.stdout.removeprefix("mirnet ").strip()
    assert done.returncode == 0
    assert f'\nversion = "{number}"\n' in project


def test_every_command_is_in_the_help_with_a_sentence():
    modules = main.find_commands()
    assert {"app", "doctor"} <= set(modules)
    text = main.build_parser(modules).format_help()
    for name in modules:
        assert re.search(rf"^ +{name}\s+\w+ \w+ \w+", text, re.MULTILINE), f"{name} says nothing about itself"


def parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """A parser, and those of its commands and of theirs."""
    chosen = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [parser, *(inner for choices in chosen for each in choices.values() for inner in parsers(each))]


def test_no_help_shows_a_sign_of_its_source():
    """In an option's help, argparse fills in `%(default)s`, and a sign alone is written twice; a description stays."""
    found = parsers(main.build_parser(main.find_commands()))
    assert len(found) > 20
    for parser in found:
        text = parser.format_help()
        assert "%%" not in text and "%(" not in text, parser.prog
    (evaluate,) = (parser for parser in found if parser.prog == "mirnet evaluate")
    assert "95 % intervals" in " ".join(evaluate.format_help().split())


def test_a_file_in_the_folder_becomes_a_command(tmp_path, monkeypatch):
    (tmp_path / "greet.py").write_text(
        "def add_parser(subparsers): subparsers.add_parser('greet').add_argument('name')\n"
        "def run(args): print('hello', args.name); return 7\n"
    )
    monkeypatch.setattr(main.commands, "__path__", [*main.commands.__path__, str(tmp_path)])
    assert main.main(["greet", "you"]) == 7


def test_a_command_may_have_another_name_than_its_file(tmp_path, monkeypatch):
    (tmp_path / "greeting.py").write_text(
        "def add_parser(subparsers): subparsers.add_parser('say-hello')\ndef run(args): return 9\n"
    )
    monkeypatch.setattr(main.commands, "__path__", [*main.commands.__path__, str(tmp_path)])
    monkeypatch.setitem(main.commands.NAMES, "greeting", "say-hello")
    assert main.main(["say-hello"]) == 9
    assert list(main.find_commands(only="say-hello")) == ["say-hello"]
    with pytest.raises(SystemExit):
        main.main(["greeting"])


def test_commands_are_called_as_their_parsers_are():
    """Or `mirnet` would not find the module of a command that argparse has let pass."""
    modules = main.find_commands()
    parser = main.build_parser(modules)
    (choices,) = [action.choices for action in parser._actions if action.dest == "command"]
    assert list(choices) == list(modules)


@pytest.mark.parametrize("argv", [[], ["no-such-command"], ["app", "--port", "many"]])
def test_wrong_arguments_exit_with_2(argv, capsys):
    with pytest.raises(SystemExit) as end:
        main.main(argv)
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MirnetError("size 3 is odd: give an even one"), "size 3 is odd: give an even one"),
        (ImageError("not a picture:\n  a.png"), "not a picture: a.png"),
        (FileNotFoundError(2, "No such file or directory", "a.png"), "a.png: No such file or directory"),
        (PermissionError(13, "Permission denied", b"/out.png"), "/out.png: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_a_mistake_of_the_user_is_one_line_and_exit_code_2(error, line, plant, capsys):
    assert plant(error=error) == 2
    assert capsys.readouterr().err == f"mirnet: error: {line}\n"


@pytest.mark.parametrize(
    "error", [ValueError("ours"), KeyError("ours"), OSError("ours"), OSError(5, "Input/output error")]
)
def test_a_fault_of_ours_keeps_its_traceback(error, plant):
    with pytest.raises(type(error)):
        plant(error=error)


def test_interruption(plant, capsys):
    assert plant(error=KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "mirnet: interrupted\n"


def test_exit_code_of_the_command_is_the_exit_code(plant):
    assert plant(code=1) == 1


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize("said", ["print", "__import__('explain.cli.console').cli.console.result_console().out"])
def test_a_reader_that_leaves_early_is_no_error(said, tmp_path):
    (tmp_path / "talk.py").write_text(
        "import sys, types; from explain.cli import main as cli\n"
        f"run = lambda args: {said}('word ' * 1_000_000)\n"
        "command = types.SimpleNamespace(add_parser=lambda subparsers: subparsers.add_parser('talk'), run=run)\n"
        "cli.find_commands = lambda only: {'talk': command}\n"
        "sys.exit(cli.main(['talk']))\n"
    )
    done = run("bash", "-o", "pipefail", "-c", f"'{sys.executable}' talk.py | head -c 4", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "word", "")


TALK = """
import os, sys, types; from explain.cli import main as cli
def run(args):
    print("a −", flush=True)
    with open("seen", "w") as file:
        file.write(f"{file.fileno() > 2}\\n")
    return 0
command = types.SimpleNamespace(add_parser=lambda subparsers: subparsers.add_parser("talk"), run=run)
cli.find_commands = lambda only: {"talk": command}
sys.exit(cli.main(["talk"]))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error_and_no_file_takes_its_place(closed, tmp_path):
    (tmp_path / "talk.py").write_text(TALK)
    done = run("bash", "-c", f"'{sys.executable}' talk.py {closed}", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "seen").read_text() == "True\n"


@pytest.mark.parametrize(("encoding", "shown"), [("cp1252", b"a \\u2212\n"), ("utf-8", "a −\n".encode())])
def test_a_letter_that_the_output_lacks_is_no_error(encoding, shown, tmp_path):
    (tmp_path / "talk.py").write_text(TALK)
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "talk.py"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout.replace(b"\r", b""), done.stderr) == (0, shown, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk_behind_the_output_is_one_line(tmp_path):
    (tmp_path / "talk.py").write_text(TALK.replace(", flush=True", ""))
    done = run("bash", "-c", f"'{sys.executable}' talk.py > /dev/full", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "mirnet: error: No space left on device\n")


@pytest.mark.parametrize("name", ["model", "embedded"])
@pytest.mark.parametrize("entry", ["script", "module"])
def test_a_students_own_file_is_named(name, entry, tmp_path):
    (tmp_path / f"{name}.py").write_text("print('a stranger runs')")
    argv = [SCRIPT] if entry == "script" else [sys.executable, "-m", "mirnet_explainer"]
    done = run(*argv, "app", "--no-browser", cwd=tmp_path, PYTHONPATH=tmp_path if entry == "script" else "")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"mirnet: error: `{name}` is {tmp_path / name}.py, not the package of MIRNet Explainer"
    )
    assert len(done.stderr.splitlines()) == 1


def test_even_a_students_explain_is_named(tmp_path):
    (tmp_path / "explain.py").write_text("print('a stranger runs')")
    done = run(SCRIPT, "doctor", cwd=tmp_path, PYTHONPATH=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"mirnet: error: `explain` is {tmp_path}/explain.py")


def test_strangers(tmp_path, monkeypatch):
    assert mirnet_packages.strangers() == {}
    monkeypatch.setattr(mirnet_packages, "find_spec", lambda name: None)
    assert set(mirnet_packages.strangers()) == set(mirnet_packages.PACKAGES)
    assert "pip install" in mirnet_packages.complaint("model", None)


def test_a_folder_without_init_is_a_stranger_too(tmp_path, monkeypatch):
    (tmp_path / "lessons").mkdir()
    spec = SimpleNamespace(origin=None, submodule_search_locations=[str(tmp_path / "lessons")])
    monkeypatch.setattr(mirnet_packages, "find_spec", lambda name: spec if name == "lessons" else None)
    assert mirnet_packages.strangers()["lessons"] == tmp_path / "lessons"


def test_noise_is_left_out_and_the_rest_is_kept():
    text = (
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
        "I0000 00:00:1795306853.334516    5998 port.cc:153] oneDNN custom operations are on.\n"
        "E0000 00:00:1795306853.334516    5998 other.cc:1] something is wrong\n"
        "Illegal instruction\n"
    )
    assert quiet.without_noise(text) == "".join(text.splitlines(keepends=True)[2:])


@pytest.mark.slow
def test_tensorflow_loads_without_a_word(tmp_path):
    code = (
        "from explain.cli.quiet import quiet_tensorflow; quiet_tensorflow(); "
        "import keras; print(keras.ops.ones(1).shape)"
    )
    done = run(sys.executable, "-c", code, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("(1,)\n", "")


def test_commands_take_a_parser_of_argparse():
    subparsers = argparse.ArgumentParser().add_subparsers()
    for module in main.find_commands().values():
        module.add_parser(subparsers)
