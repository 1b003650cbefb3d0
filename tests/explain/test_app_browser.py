"""The real page in a real browser: as a person uses it, with the mouse, the keyboard, a phone and a copied link."""

import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explain.app.texts import TEXTS
from explain.serve import command

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 90_000  # milliseconds; the first page imports TensorFlow
# A deep link makes Streamlit ask for its server below that path first, as if the page were its folder; it then asks
# at the right place. The browser logs the miss.
STREAMLIT_LOOKS_FOR_ITS_SERVER = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")


@pytest.fixture(scope="module")
def address(require) -> Iterator[str]:
    require(find_spec("playwright"), "needs playwright: pip install playwright")
    require(shutil.which("chromium"), "needs chromium: apt-get install chromium")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(command("127.0.0.1", port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, server: subprocess.Popen) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        assert server.poll() is None, "the server has ended"
        try:
            with direct.open(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")


@pytest.fixture(scope="module")
def browser(address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, "--disable-sync"])
        yield chromium
        chromium.close()


@contextmanager
def visit(browser, address: str, path: str = "/", **options) -> Iterator:
    """A visitor's page; at the end it must have logged no error and asked no other host."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
    context.set_default_timeout(PATIENCE)
    page, errors, strangers = context.new_page(), [], []

    def note(message):
        if message.type == "error" and not STREAMLIT_LOOKS_FOR_ITS_SERVER.search(message.location["url"]):
            errors.append(f"{message.text} ({message.location['url']})")

    own = (address, address.replace("http", "ws"), "data:", "blob:")
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    context.on("request", lambda request: None if request.url.startswith(own) else strangers.append(request.url))
    page.on("websocket", lambda socket: None if socket.url.startswith(own) else strangers.append(socket.url))
    page.goto(address + path)
    yield page
    assert errors == []
    assert strangers == []
    context.close()


def finished(page) -> None:
    """The run that the last action started has ended."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    assert page.get_by_test_id("stException").count() == 0


def shows(page, kind: str) -> None:
    """The page of a kind of component is there, from the first line to the last."""
    page.get_by_role("heading", name=TEXTS[kind].title, exact=True).wait_for()
    page.get_by_role("img", name=re.compile("^" + re.escape(TEXTS[kind].title))).wait_for()
    page.get_by_role("link", name=re.compile("^Next: ")).wait_for()
    finished(page)


def menu(page, name: str):
    return page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)


def where(page) -> str:
    """The line that names the pixel."""
    return page.locator("strong", has_text=re.compile("^Row ")).inner_text()


def photo() -> dict:
    rows, columns = np.mgrid[0:120, 0:180]
    pixels = np.stack([rows / 3, columns / 4, (rows + columns) % 60], axis=-1).astype("uint8")
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return {"name": "mine.png", "mimeType": "image/png", "buffer": content.getvalue()}


def test_an_uploaded_photo_on_every_page(browser, address):
    with visit(browser, address) as page:
        page.get_by_role("heading", name="The map").wait_for()
        page.locator("input[type=file]").set_input_files(photo())
        page.wait_for_url("**photo=upload*")
        page.locator("text=120×180×3").locator("visible=true").first.wait_for()  # the map's shapes follow
        for kind, text in TEXTS.items():
            menu(page, text.short).click()
            shows(page, kind)
            assert "photo=upload" in page.url and f"/{text.path}?" in page.url
            assert page.get_by_text(re.compile(r"All \d+ promises are kept")).count() == 1
        for name, content in (("broken.png", b"\x89PNG\r\n\x1a\n"), ("text.jpg", b"hello")):
            file = {"name": name, "mimeType": "image/png", "buffer": content}
            page.locator("input[type=file]").set_input_files(file)
            page.get_by_test_id("stSidebar").get_by_role("alert").filter(has_text=name).wait_for()
        finished(page)
        menu(page, "Overview").click()
        page.get_by_role("heading", name="The map").wait_for()
        assert "photo=upload" in page.url


def test_the_map_leads_to_the_component_and_keeps_the_session(browser, address):
    with visit(browser, address, "/?photo=coffee&group=2") as page:
        page.get_by_role("link", name="Dual attention unit, stream 2, column 2").locator("visible=true").click()
        shows(page, "dau")
        assert page.url.endswith("/dual-attention?photo=coffee&group=2&block=1&place=column_2&stream=2")
        page.go_back()
        link = page.get_by_role("link", name="Upsample, stream 3 to 1").locator("visible=true").last
        link.focus()
        page.keyboard.press("Enter")
        shows(page, "up")
        assert "group=2&block=1&place=merge&stream=3&to=1&step=1" in page.url


def test_a_copied_link_shows_the_same_view(browser, address):
    with visit(browser, address, "/dual-attention?photo=palace") as page:
        shows(page, "dau")
        page.get_by_role("radiogroup", name="Stream").get_by_role("radio", name="3").click()
        page.wait_for_url("**stream=3*")
        picture = page.get_by_role("img", name=re.compile("cross hairs"))
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
        page.wait_for_url("**row=*")
        finished(page)
        row, column = (int(number) for number in re.findall(r"\d+", where(page))[:2])
        height, width = (360, 240) if box["height"] > box["width"] else (240, 360)
        assert abs(row - 0.75 * height) <= 2 and abs(column - 0.25 * width) <= 2
        page.get_by_role("slider", name="Row").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**row={row + 1}*")
        page.get_by_text(f"Row {row + 1}, column {column}").wait_for()
        finished(page)
        link, seen = page.url, contents(page)
        with visit(browser, address, link.removeprefix(address)) as other:
            shows(other, "dau")
            assert contents(other) == seen
            assert other.url == link
        page.go_back()
        page.get_by_text(f"Row {row}, column {column}").wait_for()


def contents(page) -> dict:
    """What a person would compare."""
    return {
        "where": where(page),
        "table": page.get_by_role("table").inner_text(),
        "figure": page.get_by_role("img", name=re.compile("^Dual attention unit")).get_attribute("alt"),
        "promises": page.get_by_text(re.compile("promises are kept")).inner_text(),
    }


def test_the_public_mistake(browser, address):
    with visit(browser, address, "/skff") as page:
        shows(page, "skff")
        page.get_by_text("Softmax over the channels: the public mistake").click()
        page.get_by_text(re.compile("promises are broken")).wait_for()
        page.wait_for_url("**softmax=channels*")
        page.get_by_text("the weights of channel", exact=False).first.wait_for()
        page.get_by_role("button", name="Switch it off").click()
        page.get_by_text(re.compile(r"All \d+ promises are kept")).wait_for()
        assert "softmax" not in page.url


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(browser, address, theme):
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": theme}
    for path, heading in (("/", "MIRNet, component by component"), ("/skff", TEXTS["skff"].title)):
        with visit_with(browser, address, path, phone) as page:
            page.get_by_role("heading", name=heading).wait_for()
            if path == "/":
                page.get_by_role("link", name="RRG 1").locator("visible=true").first.wait_for()
            else:
                shows(page, "skff")
                # Drawn anew for the narrow window: taller than wide.
                figure = page.get_by_role("img", name=re.compile("^Selective"))
                page.wait_for_function(
                    "image => image.naturalHeight > 1.5 * image.naturalWidth", arg=figure.element_handle()
                )
            finished(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            main = page.get_by_test_id("stMain")
            assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


@contextmanager
def visit_with(browser, address, path, options):
    with visit(browser, address, path, **options) as page:
        yield page
