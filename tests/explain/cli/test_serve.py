"""`mirnet app`: serves on this machine only, says where, asks nothing, writes nothing into the home, ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from explain.cli import serve
from model.errors import MirnetError

SCRIPT = Path(sys.executable).with_name("mirnet")
TIMEOUT_S = 90


def listening(process: psutil.Process) -> set[tuple[str, int]]:
    """Addresses on which this process and its children listen."""
    family = [process, *process.children(recursive=True)]
    return {
        (connection.laddr.ip, connection.laddr.port)
        for member in family
        for connection in member.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read()


@pytest.fixture
def app(tmp_path):
    """`mirnet app` in an empty home and another folder: the process and the first line that it prints."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "BROWSER": "false"}
    environment.pop("DISPLAY", None)
    with subprocess.Popen(
        [SCRIPT, "app"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that a signal to its group does not reach the tests
    ) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "how", ["Ctrl-C in the terminal", pytest.param("SIGTERM to the launcher", marks=pytest.mark.slow)]
)
def test_serves_the_page_on_this_machine_only_and_ends_cleanly(how, app, tmp_path):
    process, line = app
    assert line.startswith("MIRNet Explainer: http://127.0.0.1:85"), process.stderr.read()
    address = line.split()[2]
    port = int(address.rpartition(":")[2])
    assert get(f"{address}/_stcore/health") == b"ok"
    assert b"<title>" in get(address)
    assert listening(psutil.Process(process.pid)) == {("127.0.0.1", port)}
    family = psutil.Process(process.pid).children(recursive=True)

    if how.startswith("Ctrl-C"):
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    else:
        process.terminate()
    output, errors = process.communicate(timeout=serve.STOP_TIMEOUT_S + 10)
    assert process.returncode == 0
    assert errors == "Getting the network and the first photo ready ...\n"
    assert output.strip() == "MIRNet Explainer: ended"
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive, "the page outlived its launcher"
    # No credentials, no settings, no statistics; matplotlib, loaded ahead, may keep its list of fonts.
    left = [path.relative_to(tmp_path / "home") for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert [path for path in left if path.parent != Path(".cache/matplotlib")] == []


def test_port_that_is_taken_is_refused_or_passed_over(monkeypatch):
    with socket.socket() as other:
        other.bind((serve.LOCALHOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(MirnetError, match=f"--port {taken} cannot be used"):
            serve.choose_port(serve.LOCALHOST, taken)
        monkeypatch.setattr(serve, "FIRST_PORT", taken)
        assert serve.choose_port(serve.LOCALHOST, None) > taken
        monkeypatch.setattr(serve, "PORTS_TRIED", 1)
        with pytest.raises(MirnetError, match="name one with --port"):
            serve.choose_port(serve.LOCALHOST, None)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_port_out_of_range(port):
    with pytest.raises(MirnetError, match="not between 1 and 65535"):
        serve.choose_port(serve.LOCALHOST, port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host", ""])
def test_host_that_is_not_this_machine(host):
    with pytest.raises(MirnetError, match="leave it out"):
        serve.choose_port(host, None)


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_address_can_be_typed_into_a_browser(host, address):
    assert serve.url(host, 80) == address


def test_a_page_that_does_not_start_is_one_line(monkeypatch, capfd):
    monkeypatch.setattr(serve, "command", lambda *where: [sys.executable, "-c", "raise SystemExit(3)"])
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(MirnetError, match="ended at once with exit code 3"):
        serve.serve(open_browser=False)
    assert signal.getsignal(signal.SIGTERM) is before


def ended(after: str) -> list[str]:
    """A process that ends its standard output, as a page that is ready does, and then does this."""
    return [sys.executable, "-c", f"from explain.app.warm_up import hang_up; hang_up(); {after}"]


def test_the_first_visitor_need_not_wait(monkeypatch, capfd):
    page = serve.start(ended("import time; print('nobody reads this', flush=True); time.sleep(600)"))
    try:
        serve.wait_until_ready([page])
        assert page.poll() is None
    finally:
        serve.end(page)
    slow = serve.start([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        monkeypatch.setattr(serve, "READY_TIMEOUT_S", 0.2)
        serve.wait_until_ready([slow])  # the address is told all the same
        assert slow.poll() is None
    finally:
        serve.end(slow)
    gone = serve.start([sys.executable, "-c", "raise SystemExit(3)"])
    gone.wait()
    with pytest.raises(MirnetError, match="ended at once with exit code 3"):
        serve.wait_until_ready([gone])


def test_a_page_that_hangs_is_given_up_and_ended(monkeypatch):
    monkeypatch.setattr(serve, "command", lambda *where: [sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(serve, "START_TIMEOUT_S", 0.5)
    before = time.monotonic()
    with pytest.raises(MirnetError, match="did not answer"):
        serve.serve(open_browser=False)
    assert time.monotonic() - before < 20
    assert not [child for child in psutil.Process().children() if "time.sleep(600)" in child.cmdline()]
