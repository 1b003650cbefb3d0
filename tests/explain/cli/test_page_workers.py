"""`mirnet app --workers`: pages behind one address, each visitor always at the same one; one that ends comes back."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack

import psutil
import pytest

from explain.cli.main import main
from explain.cli.page_options import PageOptions
from explain.cli.running import page_workers
from explain.cli.running.page_workers import configuration
from mirnet_packages import ROOT

TIMEOUT_S = 120
NEEDS_NGINX = "needs nginx: apt-get install nginx"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--workers", "0"], "--workers must be between 1 and 64, not 0"),
        (["--workers", "-2"], "not -2"),
        (["--workers", "65"], "not 65"),
        (["--workers", "2", "--port", "0"], "--port 0 is not between 1 and 65535"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(argv, message, capsys, monkeypatch):
    monkeypatch.setattr(page_workers, "find_nginx", lambda: "nginx")
    assert main(["app", "--no-browser", *argv]) == 2
    assert message in capsys.readouterr().err


def test_without_nginx_nothing_is_started(capsys, monkeypatch):
    monkeypatch.setattr(page_workers.shutil, "which", lambda name: None)
    monkeypatch.setattr(page_workers, "start", lambda *_: pytest.fail("started"))
    assert main(["app", "--no-browser", "--workers", "2"]) == 2
    assert "--workers needs nginx, which is not installed: apt-get install nginx" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "value"), [("SSL_CERT_FILE", "cert.pem"), ("MAX_UPLOAD_SIZE", "much")])
def test_a_variable_that_cannot_be_passed_on_is_refused(name, value, monkeypatch, capsys):
    monkeypatch.setenv(f"STREAMLIT_SERVER_{name}", value)
    assert main(["app", "--no-browser", "--workers", "2"]) == 2
    assert f"STREAMLIT_SERVER_{name} is '{value}', and --workers cannot pass it on" in capsys.readouterr().err


@pytest.mark.parametrize("options", [PageOptions(port=8599), PageOptions("::1", 8599, "a/b")])
@pytest.mark.parametrize("ports", [[9001], [9001, 9002, 9011]])
def test_nginx_takes_the_configuration(options, ports, tmp_path, require):
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    require(nginx, NEEDS_NGINX)
    file = tmp_path / "nginx.conf"
    file.write_text(configuration(options, ports, tmp_path))
    done = subprocess.run(
        [nginx, "-t", "-e", "stderr", "-p", tmp_path, "-c", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def served(require):
    """A class's server: its process and its address."""
    require(shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), NEEDS_NGINX)
    with subprocess.Popen(
        [sys.executable, "-m", "mirnet_explainer", "app", "--no-browser", "--workers", "2", "--base-path", "/class"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("MIRNet Explainer: http://127.0.0.1:"), process.stderr.read()
            yield process, line.split()[2]
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def pages(process) -> list[psutil.Process]:
    """The pages' processes."""
    return [child for child in psutil.Process(process.pid).children() if "streamlit" in " ".join(child.cmdline())]


@pytest.mark.slow
def test_a_class_is_shared_out_and_each_stays_at_one_page(served):
    from tools.bench.page.visitor import Visitor
    from tools.bench.page.visits import made_photo

    process, address = served
    assert address.endswith("/class")
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=30) as answer:
        assert answer.read() == b"ok"
    with ExitStack() as stack:
        visitors = [stack.enter_context(Visitor(address)) for _ in range(4)]
        workers = [visitor._cookies["mirnet_worker"] for visitor in visitors]
        assert sorted(workers) == ["1", "1", "2", "2"]
        for number, visitor in enumerate(visitors):
            assert visitor.open("skff").problems == ()
            assert visitor.upload("^Use your own photo", f"{number}.png", made_photo(number)).problems == ()
        assert [visitor._cookies["mirnet_worker"] for visitor in visitors] == workers

    first, second = pages(process)
    first.kill()
    first.wait(10)
    for _ in range(3):  # its visitors go on with the other page, or with a new one
        with Visitor(address) as visitor:
            visitor._cookies["mirnet_worker"] = "1"
            assert visitor.open("skff").problems == ()
    deadline = time.monotonic() + TIMEOUT_S
    while len(pages(process)) < 2:
        assert time.monotonic() < deadline, "the page that ended was not started again"
        time.sleep(0.2)
    assert second.is_running()

    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) > 3, "two pages, nginx and its worker"
    process.terminate()
    assert process.wait(30) == 0
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
    ready, *said = process.stderr.read().splitlines()
    assert ready == "Getting the network and the first photo ready ..."
    assert not [line for line in said if "while connecting to upstream" not in line], "nginx misses the page that ended"
