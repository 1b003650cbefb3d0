"""The Dockerfile: it copies what the wheel is made of, runs as nobody special, and asks the page how it is."""

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from explain.cli.main import build_parser, find_commands
from mirnet_packages import PACKAGES, ROOT

LINES = (ROOT / "Dockerfile").read_text().splitlines()


def said(instruction: str) -> list[str]:
    """What follows each instruction of this name."""
    return [line.partition(" ")[2] for line in LINES if line.startswith(f"{instruction} ")]


def test_everything_of_the_wheel_is_copied_and_nothing_is_ignored():
    copied = {name for line in said("COPY") for name in line.split()[:-1]}
    assert {*PACKAGES, "mirnet_explainer.py", "mirnet_packages.py", "pyproject.toml", "README.md", "LICENSE"} == copied
    assert all((ROOT / name).exists() for name in copied)
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert kept - {"mirnet_*.py"} | {"mirnet_explainer.py", "mirnet_packages.py"} == copied


def test_it_runs_as_a_user_without_rights():
    [user] = said("USER")
    assert user not in ("root", "0")
    assert f"--uid 1000 --create-home {user}" in said("RUN")[0]
    order = [line.split()[0] for line in LINES if line and not line.startswith("#")]
    assert order.index("USER") > max(k for k, name in enumerate(order) if name == "RUN")


def test_what_it_starts_is_a_command_of_ours():
    [entry] = said("ENTRYPOINT")
    program, *arguments = json.loads(entry)
    args = build_parser(find_commands()).parse_args(arguments)
    assert (program, args.command, args.host, args.no_browser) == ("mirnet", "app", "0.0.0.0", True)
    assert [str(args.port)] == said("EXPOSE")


@contextmanager
def healthy_at(path: str):
    """A server that is healthy under one path: its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == path else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("base_path", "path", "code"),
    [("", "/_stcore/health", 0), ("/x/", "/x/_stcore/health", 0), ("a/b", "/a/b/_stcore/health", 0), ("x", "/", 1)],
)
def test_its_health_check_finds_the_page(base_path, path, code):
    [check] = said("HEALTHCHECK")
    _, option, program = json.loads(re.search(r"CMD (\[.*\])", check)[1])
    with healthy_at(path) as port:
        done = subprocess.run(
            [sys.executable, option, program.replace("8501", str(port))],
            env=os.environ | {"STREAMLIT_SERVER_BASE_URL_PATH": base_path},
            capture_output=True,
            check=False,
        )
    assert done.returncode == code
