"""Makes docs/live.gif: the live part with the bright coffee cup, whose light is turned down stop by stop.

    python tools/make_live_gif.py

Needs playwright and its Chromium (or Debian's), and takes about half a minute.
"""

import functools
import http.server
import shutil
import sys
import tempfile
import threading
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from explain.app.live.live_files import write_files
from explain.app.live.network_data import LiveNetwork
from explain.site.site_writer import pages, site_files
from model.safety.whole_files import write_whole

TARGET = Path(__file__).parents[1] / "docs" / "live.gif"
WINDOW = {"width": 1100, "height": 980}
WIDTH = 700  # pixels of the GIF
SECONDS = 0.7  # a picture
STOPS = (0, 1, 2, 3, 4, 5, 6, 7, 6, 4, 2)
COLOURS = 128
LARGEST = 4_000_000  # bytes


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a line for each file."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> None:
    """Takes the pictures and writes the file."""
    network = LiveNetwork()
    with tempfile.TemporaryDirectory() as folder:
        present = {"", "tour/", "glossary/", "more/"}
        files = site_files(network, lambda *_: None, present, walkthrough=False)
        write_files(Path(folder), files | pages(network, present))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pictures = _pictures(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
    few = [picture.quantize(COLOURS, dither=Image.Dither.NONE) for picture in pictures]
    content = BytesIO()
    timing = {"duration": round(SECONDS * 1000), "loop": 0}
    few[0].save(content, "GIF", save_all=True, append_images=few[1:], optimize=True, **timing)
    if content.tell() > LARGEST:
        sys.exit(f"{content.tell():,} bytes are more than {LARGEST:,}: make WIDTH or COLOURS smaller")
    write_whole(TARGET, content.getvalue())
    print(f"{TARGET.name}: {len(pictures)} pictures, {content.tell():,} bytes")


def _pictures(address: str) -> list[Image.Image]:
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW, color_scheme="light")
        page.goto(address)
        page.locator(".live[data-ready=yes]").wait_for()
        page.locator("[name=sample][value=coffee]").check(force=True)  # its label is a picture
        page.get_by_label("bright photo").check()
        page.locator(".pair").evaluate("pair => pair.scrollIntoView()")
        for stops in STOPS:
            page.locator("[name=light]").fill(str(stops))
            page.wait_for_timeout(1200)
            shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
            found.append(shot.resize((WIDTH, round(WIDTH * shot.height / shot.width)), Image.Resampling.LANCZOS))
        browser.close()
    return found


if __name__ == "__main__":
    main()
