"""A server and a browser for all tests here, and a visitor who knows the page."""

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

from explain.app.catalog.texts import TEXTS
from explain.cli.serve import command, end

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
TIMEOUT = 90_000  # milliseconds; the first page imports TensorFlow
# A deep link makes Streamlit ask for its server below that path first, as if the page were its folder; it then asks
# at the right place. The browser logs the miss.
STREAMLIT_LOOKS_FOR_ITS_SERVER = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")

FOLDS_ARE_STILL = "() => [...document.querySelectorAll('details')].every(each => !each.getAnimations().length)"


@pytest.fixture(scope="session")
def address(serving) -> Iterator[str]:
    """Where a server of this test run answers."""
    with serving() as found:
        yield found


@pytest.fixture(scope="session")
def serving(require) -> Callable[..., AbstractContextManager[str]]:
    """`serving(**environment)` starts a server with this in its environment, and gives its address."""
    require(find_spec("playwright"), "needs playwright: pip install playwright")
    require(shutil.which("chromium"), "needs chromium: apt-get install chromium")
    return _serving


@contextmanager
def _serving(**environment: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        command("127.0.0.1", port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(server)


def _wait_for(url: str, server: subprocess.Popen) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        assert server.poll() is None, "the server has ended"
        try:
            with direct.open(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")


@pytest.fixture(scope="session")
def browser(serving):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Visitor:
    """Opens pages as a person does, and knows when one is finished."""

    browser: Any
    address: str

    @contextmanager
    def visit(self, path: str = "/", **options) -> Iterator:
        """A visitor's page; at the end it must have logged no error and asked no other host."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(TIMEOUT)
        page, errors, strangers = context.new_page(), [], []

        def note(message):
            if message.type == "error" and not STREAMLIT_LOOKS_FOR_ITS_SERVER.search(message.location["url"]):
                errors.append(f"{message.text} ({message.location['url']})")

        own = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        context.on("request", lambda request: None if request.url.startswith(own) else strangers.append(request.url))
        page.on("websocket", lambda socket: None if socket.url.startswith(own) else strangers.append(socket.url))
        page.goto(self.address + path)
        yield page
        assert errors == []
        assert strangers == []
        context.close()

    @contextmanager
    def visit_again(self, page, **options) -> Iterator:
        """Another person who was sent this page's address."""
        with self.visit(page.url.removeprefix(self.address), **options) as other:
            yield other

    def agrees(self, page, read: Callable[[Any], object], expected: object) -> None:
        """What `read` finds on the page is as expected; parts of a page may come after its run has ended."""
        for _ in range(100):
            if read(page) == expected:
                return
            page.wait_for_timeout(200)
        assert read(page) == expected

    def finished(self, page) -> None:
        """The run that the last action started has ended, without an error."""
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        assert page.get_by_test_id("stException").count() == 0

    def shows(self, page, kind: str) -> None:
        """The page of a kind of component is there, from the first line to the last."""
        page.get_by_role("heading", name=TEXTS[kind].title, exact=True).wait_for()
        page.locator(".st-key-figure img").first.wait_for(state="attached")
        page.get_by_role("link", name=re.compile("^Next: ")).wait_for()
        self.finished(page)
        self.unfold(page)

    def unfold(self, page) -> None:
        """Opens all that is folded on the page, all at once, and waits until nothing of it moves any more."""
        folded = page.get_by_test_id("stMain").locator("[data-testid=stExpander] > details:not([open]) > summary")
        for _ in range(3):  # one may come while others open
            folded.evaluate_all("all => all.forEach(each => each.click())")
            page.wait_for_function(FOLDS_ARE_STILL)
            if not folded.count():
                return
        pytest.fail(f"stays folded: {folded.all_inner_texts()}")

    def chart(self, page, name: re.Pattern[str] | str) -> "Drawn":
        """The chart of this name."""
        return Drawn(page, name)

    def menu(self, page, name: str):
        """An entry of the menu."""
        return page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)

    def fits(self, page) -> bool:
        """Whether nothing has to be scrolled sideways."""
        main = page.get_by_test_id("stMain")
        return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") and main.evaluate(
            "element => element.scrollWidth <= element.clientWidth"
        )


@dataclass(frozen=True)
class Drawn:
    """A chart on a page, by the name that a screen reader says."""

    page: Any
    name: re.Pattern[str] | str

    @property
    def box(self):
        """The drawing, once it is there."""
        exact = isinstance(self.name, str)
        found = self.page.get_by_test_id("stVegaLiteChart").and_(self.page.get_by_label(self.name, exact=exact)).first
        found.wait_for()
        return found

    def texts(self, marks: str) -> list[str]:
        """What the text marks of this name say, in their order."""
        return self.box.locator(f".{marks}_marks text").all_text_contents()

    def click(self, number: int) -> None:
        """Clicks beside the bar with this number, where its band is."""
        band = self.box.locator(".bands_marks path").nth(number)
        band.scroll_into_view_if_needed()
        place = band.bounding_box()
        # The browser's box is some 8 pixels larger, for the corners of the band's frame; they take no click.
        self.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + 12)


@pytest.fixture(scope="session")
def visit_at(browser) -> Callable[[str], Visitor]:
    """A visitor of another server."""
    return lambda address: Visitor(browser, address)


@pytest.fixture(scope="session")
def visitor(browser, address) -> Visitor:
    return Visitor(browser, address)
