"""Streamlit's options for the page: the command line first, then `STREAMLIT_…` variables, then ours; never a file."""

import os
import subprocess
import sys

import pytest
from quick import quick

from explain.cli import page_options, serve
from explain.cli.main import main
from explain.cli.page_options import PageOptions, chosen, flags, variable
from explain.figures import THEMES
from model.errors import MirnetError


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in [name for name in os.environ if name.startswith("STREAMLIT_")]:
        monkeypatch.delenv(name)


def test_the_page_has_the_figures_colours():
    for name, theme in THEMES.items():
        assert page_options.THEME[f"theme.{name}.backgroundColor"] == theme.background
        assert page_options.THEME[f"theme.{name}.primaryColor"] == theme.accent


def test_variables_are_called_as_streamlit_calls_them():
    from streamlit import config

    ours = flags(PageOptions(port=1, behind_proxy=True), {})
    assert len(ours) > 15
    for name in ours:
        assert variable(name) == config._config_options_template[name].env_var


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ((None, None, None), {}, PageOptions("127.0.0.1", None, "")),
        (("::1", 9000, "/x/"), {}, PageOptions("::1", 9000, "x")),
        ((None, None, None), {"PORT": "9001", "ADDRESS": "0.0.0.0"}, PageOptions("0.0.0.0", 9001, "")),
        ((None, None, None), {"BASE_URL_PATH": "/a/b"}, PageOptions("127.0.0.1", None, "a/b")),
        (("127.0.0.1", 9000, ""), {"PORT": "1", "ADDRESS": "::", "BASE_URL_PATH": "y"}, PageOptions(port=9000)),
        (
            (None, None, "/user/eva@school.example/proxy/8501/"),
            {},
            PageOptions(base_path="user/eva@school.example/proxy/8501"),
        ),
        ((None, None, None), {"PORT": ""}, PageOptions()),
    ],
)
def test_the_command_line_comes_first_then_variables(arguments, variables, expected, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(f"STREAMLIT_SERVER_{name}", value)
    assert chosen(*arguments) == expected


@pytest.mark.parametrize("path", ["/a b", "a?b", "/../x", "a//b", "x#y", "/a/./b", "ü", "a\nb", "http://host/x"])
def test_what_is_no_base_path_is_refused(path, capsys):
    assert main(["app", "--no-browser", "--base-path", path]) == 2
    err = capsys.readouterr().err
    assert err.startswith("mirnet: error: --base-path ") and "give one in letters and digits, as /mirnet" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "STREAMLIT_SERVER_PORT is 'http', which is no port"),
        ("BASE_URL_PATH", "/a b", "STREAMLIT_SERVER_BASE_URL_PATH '/a b' is no path of an address"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(name, value, message, monkeypatch):
    monkeypatch.setenv(f"STREAMLIT_SERVER_{name}", value)
    with pytest.raises(MirnetError, match=message):
        chosen(None, None, None)


@pytest.mark.parametrize(
    ("options", "address"),
    [
        (PageOptions("127.0.0.1", 80), "http://127.0.0.1:80"),
        (PageOptions("0.0.0.0", 80, "x"), "http://127.0.0.1:80/x"),
        (PageOptions("::1", 80, "a/b"), "http://[::1]:80/a/b"),
    ],
)
def test_the_address_has_the_base_path(options, address, monkeypatch):
    assert options.url == address
    monkeypatch.setenv("STREAMLIT_SERVER_SSL_CERT_FILE", "cert.pem")
    assert options.url == address.replace("http", "https")


SHOWN = "server.address server.baseUrlPath server.maxUploadSize browser.gatherUsageStats server.enableCORS".split()


def as_streamlit_reads(options: PageOptions, folder, **variables: str) -> list:
    """What Streamlit makes of our command line beside a user's settings."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(
        '[server]\naddress = "0.0.0.0"\nmaxUploadSize = 999\n[browser]\ngatherUsageStats = true\n'
    )
    code = (
        "import sys; from streamlit import config; from streamlit.web import cli, bootstrap\n"
        f"bootstrap.run = lambda *a, **k: print([config.get_option(name) for name in {SHOWN}])\n"
        "cli.main(prog_name='streamlit')"
    )
    given = [word for name, value in flags(options, variables).items() for word in (f"--{name}", value)]
    command = [sys.executable, "-c", code, "run", str(serve.PAGE), *given]
    done = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return eval(done.stdout)


CASES = [
    ("a user's file counts for nothing", PageOptions(port=8599), {}, ["127.0.0.1", "", 25, False, True]),
    (
        "a variable wins over ours",
        PageOptions(port=8599, base_path="x"),
        {"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "3", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true"},
        ["127.0.0.1", "x", 3, True, True],
    ),
    (
        "the command line wins over a variable",
        PageOptions("::1", 8599, "mine"),
        {"STREAMLIT_SERVER_BASE_URL_PATH": "other", "STREAMLIT_SERVER_ADDRESS": "0.0.0.0"},
        ["::1", "mine", 25, False, True],
    ),
    ("behind a proxy", PageOptions(port=8599, behind_proxy=True), {}, ["127.0.0.1", "", 25, False, False]),
]


@pytest.mark.parametrize(
    ("options", "variables", "expected"), quick([case[1:] for case in CASES], first=1), ids=[case[0] for case in CASES]
)
def test_what_streamlit_is_told(options, variables, expected, tmp_path):
    assert as_streamlit_reads(options, tmp_path, **variables) == expected
