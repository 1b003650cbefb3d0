"""The page behind a real nginx with the recipe of docs/servers.md: base path, health check, websockets, uploads."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from explain.app.catalog.texts import TEXTS
from explain.cli.serve import command
from mirnet_packages import ROOT

pytestmark = pytest.mark.slow

RECIPE = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
PATH = "mirnet"
TIMEOUT_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address: str, *processes: subprocess.Popen) -> bytes:
    """What is there, once something is."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        assert all(process.poll() is None for process in processes), "a server has ended"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read()
        except OSError:
            assert time.monotonic() < deadline, f"{address} does not answer"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def proxied(require):
    """Addresses: of the page as browsers see it, and of the page itself."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    require(nginx, "needs nginx: apt-get install nginx")
    page, front = free_port(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))  # not pytest's, which only its owner may enter
    folder.chmod(0o755)
    [recipe] = RECIPE.findall((ROOT / "docs" / "servers.md").read_text())
    recipe = recipe.replace("listen 80;", f"listen 127.0.0.1:{front};").replace("127.0.0.1:8501", f"127.0.0.1:{page}")
    assert str(front) in recipe and str(page) in recipe
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr warn;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{recipe}}}\n"
    )
    servers = [
        subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for line in (
            command("127.0.0.1", page, PATH, behind_proxy=True),
            [nginx, "-e", "stderr", "-p", folder, "-c", file],
        )
    ]
    try:
        answers(f"http://127.0.0.1:{page}/{PATH}/_stcore/health", *servers)
        yield f"http://127.0.0.1:{front}/{PATH}", f"http://127.0.0.1:{page}"
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)
        shutil.rmtree(folder)


def test_the_health_check_is_under_the_base_path_and_nothing_is_elsewhere(proxied):
    outside, inside = proxied
    assert answers(f"{outside}/_stcore/health") == b"ok"
    assert answers(f"{inside}/{PATH}/_stcore/health") == b"ok"
    for address in (f"{inside}/_stcore/health", outside.removesuffix(PATH)):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(address, timeout=10)


@pytest.mark.parametrize("end", ["", "/"])
def test_the_page_is_there_with_and_without_the_last_slash(proxied, end):
    assert b"<title>" in answers(f"{proxied[0]}{end}")


def test_runs_and_uploads_go_through(proxied):
    from tools.bench.page.visitor import Visitor
    from tools.bench.page.visits import made_photo

    with Visitor(proxied[0]) as visitor:
        assert visitor.open("skff").problems == ()
        answer = visitor.upload("^Use your own photo", "mine.png", made_photo(3))
        assert answer.problems == ()
        assert visitor.picture("The photo")[:8] == made_photo(3)[:8], "a PNG, and the page's own picture of it"
        large = visitor.upload("^Use your own photo", "large.png", made_photo(4) + bytes(20_000_000))
        assert not [problem for problem in large.problems if "413" in problem], "nginx lets 25 MB pass"


@pytest.mark.parametrize("origin", ["https://class.school.example", "http://127.0.0.1:1"])
def test_a_proxy_may_have_another_name(proxied, origin):
    """A proxy that does not pass the name on: the browser's address is not the one that the page is asked by."""
    address = proxied[1].replace("http", "ws") + f"/{PATH}/_stcore/stream"
    with connect(address, origin=origin, subprotocols=[Subprotocol("streamlit")], proxy=None) as socket_:
        assert socket_.protocol.state.name == "OPEN"


@pytest.mark.browser
def test_a_browser_walks_and_uploads(proxied, browser, visitor):
    person = type(visitor)(browser, proxied[0])
    with person.visit(f"/{TEXTS['skff'].path}") as page:
        person.shows(page, "skff")
        before = page.locator('[data-testid="stSidebar"] img[alt^="The photo"]').get_attribute("src")
        from tools.bench.page.visits import made_photo

        page.locator("input[type=file]").set_input_files(
            {"name": "mine.png", "mimeType": "image/png", "buffer": made_photo(5)}
        )
        page.locator(f'[data-testid="stSidebar"] img[alt^="The photo"]:not([src="{before}"])').first.wait_for()
        person.menu(page, "Overview").click()
        page.get_by_role("heading", name="The map").wait_for()
        person.finished(page)
        assert page.url.split("?")[0].rstrip("/") == proxied[0]
        page.reload()
        page.get_by_role("heading", name="The map").wait_for()
        person.finished(page)
