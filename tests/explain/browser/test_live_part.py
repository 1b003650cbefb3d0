"""The live part in Chromium, served as plain files under some path."""

import base64
import functools
import http.server
import re
import struct
import threading
import zlib
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from embedded.camera.ov7675 import Camera
from explain.app.live.live_files import write_files
from explain.app.live.network_data import LiveNetwork
from explain.app.live.proof_frames import run_hash
from explain.site.site_writer import pages, site_files
from model.samples import SAMPLES, load_sample

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TIMEOUT = 60_000  # milliseconds
NO_WASM = "delete window.WebAssembly"
NO_CAMERA = "Object.defineProperty(Navigator.prototype, 'mediaDevices', {get: () => undefined})"
RUN = """async ({frames, live}) => {
  const {Network} = await import(live + 'network.js'), {hashOf} = await import(live + 'proof.js');
  const {unpackYuv} = await import(live + 'camera.js');
  const data = await (await fetch(live + 'network.json')).json(), found = [];
  const net = await Network.load(await (await fetch(live + 'net.simd.wasm')).arrayBuffer(), 120, 160);
  const stem = data.stem, side = 3 * stem, row = 480;
  for (const text of frames) {
    const frame = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), restored = net.run(frame);
    const picture = unpackYuv(frame, data.camera.unpack), input = new Int8Array(picture.length);
    picture.forEach((byte, k) => {
      const y = Math.floor(k / row), x = k % row, at = Math.floor(y / stem) * (row / side) + Math.floor(x / side);
      input[at * side * stem + (y % stem) * side + (x % side)] = data.levels[byte];
    });
    net.tensors.set(data.input, input);
    found.push((await hashOf(net.tensors, restored)).hash);
  }
  return found;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def network():
    return LiveNetwork()


@pytest.fixture(scope="module")
def files(network, tmp_path_factory):
    """The folder of the site, without the walkthrough."""
    folder = tmp_path_factory.mktemp("served") / "some" / "path"
    found = site_files(network, lambda *_: None, set(), walkthrough=False)
    write_files(folder, found | pages(network, {"", "tour/", "glossary/", "more/"}))
    return folder


@pytest.fixture(scope="module")
def site(files):
    """Its address, below a path."""
    root = files.parents[1]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/some/path/"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def visit(browser, address, script="", ready="yes", **options):
    """A page whose live part has begun; at the end it must have logged no error and asked no other host."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
    context.set_default_timeout(TIMEOUT)
    page, faults, strangers = context.new_page(), [], []
    if script:
        page.add_init_script(script)
    own = (address.split("/some")[0], "data:", "blob:")
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    context.on("request", lambda request: None if request.url.startswith(own) else strangers.append(request.url))
    page.goto(address)
    page.locator(f".live[data-ready={ready}]").wait_for()
    yield page
    assert faults == []
    assert strangers == []
    context.close()


def frames_at_least(page, count):
    page.wait_for_function("count => Number(document.querySelector('.live').dataset.frames) >= count", arg=count)


def pixels(page, selector):
    """The mean of a canvas, and how much it varies."""
    return page.locator(selector).first.evaluate(
        """canvas => { const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const all = Array.from(data).filter((_, k) => k % 4 < 3), mean = all.reduce((a, b) => a + b, 0) / all.length;
        return [mean, Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length)]; }"""
    )


def test_a_sample_becomes_brighter_and_every_map_is_drawn(browser, site, network):
    with visit(browser, site) as page:
        frames_at_least(page, 1)
        (dark, _), (bright, spread) = pixels(page, ".camera canvas"), pixels(page, ".restored canvas")
        assert bright > 2 * dark
        assert spread > 20
        hooks = page.locator(".tile").evaluate_all("tiles => tiles.map((tile) => tile.dataset.hook)")
        assert sorted(hooks) == sorted(network.hooks)
        # What leaves a dual attention unit has a map; it is drawn when it comes into sight.
        tile = '.tile[data-hook="rrg_1/mrb_1/column_1/dau_1/out"] canvas'
        page.locator(tile).scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        assert pixels(page, tile)[1] > 10


def test_the_page_computes_the_boards_bytes(browser, site, network):
    rng = np.random.default_rng(9)
    frames = [np.zeros((120, 160, 2), np.uint8), np.full((120, 160, 2), 255, np.uint8)]
    frames += [rng.integers(0, 256, (120, 160, 2), np.uint8) for _ in range(12)]
    for k in range(36):
        dark, bright = load_sample(SAMPLES[k % 6].name)
        frames.append(Camera().capture(dark) if k < 6 else Camera(light=2.0 ** -(1 + k // 6)).capture(bright, k))
    expected = [run_hash(network.small, frame) for frame in frames]
    with visit(browser, site) as page:
        given = [base64.b64encode(frame.tobytes()).decode() for frame in frames]
        assert page.evaluate(RUN, {"frames": given, "live": f"{site}live/"}) == expected
        page.get_by_role("button", name="Prove it").click()
        page.get_by_text("The same bytes as the board's: 6 of 6 frames").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_webcam_runs_live(browser, site, width):
    with visit(browser, site, viewport={"width": width, "height": 900}, permissions=["camera"]) as page:
        page.get_by_role("button", name="Webcam").click()
        frames_at_least(page, 10)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_label("RGB565").check()
        page.get_by_label("480 × 360").check()
        page.wait_for_function("() => document.querySelector('.camera canvas').width === 480")


def test_a_number_is_followed_to_the_cameras_byte(browser, site, network):
    with visit(browser, site) as page:
        frames_at_least(page, 1)
        hook = "rrg_1/mrb_1/column_1/dau_1/body"
        page.locator(f'.tile[data-hook="{hook}"]').click()
        about = network.small.graph.tensors[network.hooks[hook]]
        page.get_by_text(f"zero point {about.zero_point}").wait_for()
        page.locator(".large canvas").click(position={"x": 100, "y": 80})
        for _ in range(9):
            page.locator(".cell .value").wait_for()
            if page.locator(".cell .trail b").inner_text().startswith("camera"):
                break
            assert re.search(r"The result is -?\d+: the number above", page.locator(".cell .result").inner_text())
            before = page.locator(".cell .trail b").inner_text()
            page.locator(".cell td button").first.click()
            page.wait_for_function(
                "before => document.querySelector('.cell .trail b').textContent !== before", arg=before
            )
        else:
            pytest.fail("the path does not end at the camera")


def test_a_photo_is_saved_at_its_own_size(browser, site):
    with visit(browser, site) as page:
        frames_at_least(page, 1)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the photo").click()
        with Image.open(download.value.path()) as saved:
            assert saved.size == (320, 240)  # of 360 x 240, cut as the frame
        page.locator("[name=light]").fill("3")
        page.get_by_role("button", name="Save the photo").click()
        page.get_by_text("Give the photo its own light first").wait_for()


def big_png(width, height):
    """The beginning of a PNG that says it is so large."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.txt", b"no picture", "this is no picture that the browser can read"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic", "does not read HEIC"),
        ("large.png", big_png(10_000, 5_000), "50 megapixels are more than"),
        ("empty.jpg", b"", "this is no picture"),
    ],
)
def test_a_file_that_is_no_photo_is_one_sentence(browser, site, name, content, says):
    with visit(browser, site) as page:
        page.locator("[name=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})
        page.locator(".fault", has_text=says).wait_for()
        page.get_by_label("bright photo").check()  # the rest works
        page.wait_for_function("() => document.querySelector('.fault').hidden")


@pytest.mark.parametrize(
    ("script", "ready", "says"),
    [
        (NO_WASM, "no", "WebAssembly is switched off"),
        ("delete window.Worker", "no", "too old"),
        (NO_CAMERA, "yes", "gives no webcam to this address"),
        ("", "yes", "was not allowed to use the webcam"),
    ],
)
def test_a_browser_that_cannot_is_told_so(browser, site, script, ready, says):
    with visit(browser, site, script, ready) as page:
        if ready == "yes":
            page.get_by_role("button", name="Webcam").click()
        page.locator(".fault", has_text=says).first.wait_for()


def test_a_page_that_is_opened_as_a_file_says_what_to_do(browser, site, files):
    page = browser.new_page()
    page.goto((files / "index.html").as_uri())
    page.get_by_text("type python -m http.server in this folder").wait_for()
    page.close()


def test_an_iframe_gets_its_height(browser, site):
    with visit(browser, site) as page:
        page.set_content(
            f'<iframe src="{site}live/" style="width: 100%"></iframe>'
            f'<script type="module" src="{site}live/host.js"></script>'
        )
        page.wait_for_function("() => parseInt(document.querySelector('iframe').style.height) > 800")
