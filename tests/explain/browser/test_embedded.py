"""`?embed=1`: one figure in another site's frame."""

import functools
import http.server
import threading
from collections.abc import Iterator

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALONE = (
    ("/?photo=room&embed=1", ".frame"),
    ("/?photo=room&embed=map", ".map"),
    ("/skff?photo=room&embed=1", ".st-key-figure img"),
)


@pytest.mark.parametrize("width", [320, 1000])
@pytest.mark.parametrize(("path", "figure"), ALONE, ids=[path for path, _ in ALONE])
def test_a_figure_without_its_page_fits_any_width(visitor, path, figure, width):
    with visitor.visit(path, viewport={"width": width, "height": 700}) as page:
        page.locator(figure).locator("visible=true").first.wait_for()
        visitor.finished(page)
        for frame in ("stSidebar", "stHeader"):
            assert not page.get_by_test_id(frame).locator("visible=true").count()
        assert page.get_by_role("heading", level=1).count() == 0
        assert page.get_by_role("button", name="Take the tour").count() == 0
        assert visitor.fits(page)
        whole = page.get_by_role("link", name="Open this in the MIRNet Explainer")
        assert "embed" not in whole.get_attribute("href") and "photo=room" in whole.get_attribute("href")


@pytest.fixture
def course(visitor, tmp_path) -> Iterator[str]:
    """The address of another site's page with the map in a frame."""
    frame = f'<iframe src="{visitor.address}/?photo=room&embed=map" style="width: 100%; height: 40rem"></iframe>'
    (tmp_path / "course.html").write_text(f"<!doctype html><title>Course</title>{frame}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/course.html"
    server.shutdown()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_in_a_frame_of_another_site_a_link_opens_a_window_of_its_own(visitor, course):
    context = visitor.browser.new_context(viewport={"width": 700, "height": 700})
    page = context.new_page()
    page.goto(course)
    inside = page.frame_locator("iframe")
    link = inside.get_by_role("link", name="Selective kernel feature fusion at stream 2").locator("visible=true")
    link.wait_for(timeout=90_000)
    with context.expect_page() as opened:
        link.click()
    opened.value.wait_for_url("**/skff?photo=room*")
    assert "embed" not in opened.value.url
    context.close()
