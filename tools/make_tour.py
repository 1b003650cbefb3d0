"""Makes docs/tour.gif: every stop of the guided tour as a visitor sees it, first the question, then the answer.

    python tools/make_tour.py [--photo coffee]

And the pictures of the walkthrough in the README and in `docs/`, `STILLS`.

Needs playwright and its Chromium (or Debian's), and takes about a minute.
"""

import argparse
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from explain.app.catalog.tour import STOPS
from explain.cli.serve import command, end
from model.safety.whole_files import write_whole

DOCS = Path(__file__).parents[1] / "docs"
TARGET = DOCS / "tour.gif"
STILLS = {"page.png": ("/?photo=kingfisher&v=2", 1400), "block.png": ("/mrb?photo=kingfisher&v=2", 1000)}
"""Names in `docs/`, with a page's address and the height of the window in pixels."""
WINDOW: ViewportSize = {"width": 1280, "height": 1000}
WIDTH = 760  # pixels of the GIF
SECONDS = 1.5  # a picture; two for each stop
LARGEST = 4_000_000  # bytes
COLOURS = 128


def main() -> int:
    """Walks the tour and writes the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", default="coffee", help="one of the samples")
    photo = parser.parse_args().photo
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(command("127.0.0.1", port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        pictures, stills = _visit(f"http://127.0.0.1:{port}", photo)
    finally:
        end(server)
    for name, still in stills.items():
        write_whole(DOCS / name, still)
        print(f"{name}: {len(still):,} bytes")
    content = _gif(pictures)
    if len(content) > LARGEST:
        sys.exit(f"{len(content):,} bytes are more than {LARGEST:,}: make WIDTH or COLOURS smaller")
    write_whole(TARGET, content)
    print(f"{TARGET.name}: {len(pictures)} pictures, {len(pictures) * SECONDS:.0f} s, {len(content):,} bytes")
    return 0


def _visit(address: str, photo: str) -> tuple[list[Image.Image], dict[str, bytes]]:
    """The pictures of the tour, and those of `STILLS` as PNG."""
    _wait_for(f"{address}/_stcore/health")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        pictures = _walk(browser, f"{address}/?photo={photo}&tour=1&v=2")
        stills = {name: _still(browser, f"{address}{path}", height) for name, (path, height) in STILLS.items()}
        browser.close()
    return pictures, stills


def _open(browser: Browser, address: str, window: ViewportSize) -> Page:
    page = browser.new_page(viewport=window, color_scheme="light", reduced_motion="reduce")
    page.set_default_timeout(120_000)
    page.goto(address)
    return page


def _walk(browser: Browser, address: str) -> list[Image.Image]:
    pictures, page = [], _open(browser, address, WINDOW)
    for number in range(1, len(STOPS) + 1):
        panel = page.get_by_role("region", name=f"Guided tour, stop {number} of {len(STOPS)}")
        panel.wait_for()
        _finished(page)
        pictures.append(_picture(page))
        panel.locator("summary").click()
        page.wait_for_timeout(300)
        pictures.append(_picture(page))
        if number < len(STOPS):
            panel.get_by_role("link", name="Next").click()
    page.close()
    return pictures


def _still(browser: Browser, address: str, height: int) -> bytes:
    page = _open(browser, address, {"width": 1280, "height": height})
    page.get_by_role("link", name=re.compile("^Next: ")).wait_for()
    _finished(page)
    content = BytesIO()
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(content, "PNG", optimize=True)
    page.close()
    return content.getvalue()


def _wait_for(address: str) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        try:
            with direct.open(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("the server does not answer")


def _finished(page: Page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(3000)  # the part to look at is followed until it stands still
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def _picture(page: Page) -> Image.Image:
    shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
    return shot.resize((WIDTH, round(WIDTH * shot.height / shot.width)), Image.Resampling.LANCZOS)


def _gif(pictures: list[Image.Image]) -> bytes:
    few = [picture.quantize(COLOURS, dither=Image.Dither.NONE) for picture in pictures]
    content = BytesIO()
    few[0].save(
        content, "GIF", save_all=True, append_images=few[1:], duration=round(SECONDS * 1000), loop=0, optimize=True
    )
    return content.getvalue()


if __name__ == "__main__":
    sys.exit(main())
