"""The quantization lens and the page of the Nano, as a person uses them: mouse, keyboard, phone, and a copied link."""

import re
import zipfile

import pytest

from embedded.camera.ov7675 import Camera
from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file
from embedded.sketch.sketch_writer import NAME, write_sketch
from explain.app.catalog.topics import TOPICS
from explain.app.compute.photos import sample_photo

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def comes(visitor, page, topic: str) -> None:
    """Goes there by the menu, and waits for the end of the page."""
    visitor.menu(page, TOPICS[topic].short).click()
    there(visitor, page, topic)


def there(visitor, page, topic: str) -> None:
    page.get_by_role("heading", name=TOPICS[topic].title, exact=True).wait_for()
    last = {"quantization": "Which tensors matter", "nano": "Put it on your own board"}[topic]
    page.get_by_text(last, exact=True).wait_for()
    visitor.finished(page)
    visitor.unfold(page)


def slider(page, name: str):
    return page.get_by_role("slider", name=name)


def mark(page, name: re.Pattern):
    """What a chart shows of one thing; of several charts that show it the first."""
    return page.get_by_test_id("stVegaLiteChart").get_by_label(name).first


def bits_chart(page):
    return page.get_by_test_id("stVegaLiteChart").and_(page.get_by_label("SQNR for 2 to 8 bits", exact=True))


def at_the_ends(page) -> str:
    return page.locator("strong", has_text=re.compile("^At the ends")).inner_text()


def saturated(name: str) -> float:
    """Share of a tensor at the ends of its range, on the photo of these tests."""
    emulator = Emulator(model_file(NANO))
    whole = emulator.tensors(Camera().capture(sample_photo("room", 4).pixels))[emulator.hooks.places[name].tensor]
    return float(((whole == -128) | (whole == 127)).mean())


def pictures(page) -> list[str]:
    return page.locator(".gallery").first.locator("img").evaluate_all("all => all.map((each) => each.src)")


def test_the_lens(visitor):
    with visitor.visit("/?photo=room") as page:
        comes(visitor, page, "quantization")
        mark(page, re.compile("^153 of 163: ")).click()
        page.wait_for_url("**tensor=*")
        assert "merge%2Fskff%2Flogits" in page.url or "merge/skff/logits" in page.url
        visitor.finished(page)
        share = saturated("rrg_1/mrb_1/merge/skff/logits")
        assert 0 < share < 1
        page.locator("strong", has_text=f"At the ends: {share:.2%}").wait_for()
        page.get_by_role("button", name="Next", exact=True).press("Enter")
        page.wait_for_url(re.compile("skff(/|%2F)weights"))
        visitor.finished(page)
        page.get_by_text(re.compile("^154 of 163: ")).wait_for()
        mark(page, re.compile("^153 of 163: ")).click()  # once more the one that was clicked last
        page.wait_for_url(re.compile("skff(/|%2F)logits"))
        visitor.finished(page)
        mark(page, re.compile("^group 1 · block 1 · merge · SKFF · descriptor")).click()
        page.wait_for_url(re.compile("skff(/|%2F)descriptor"))
        visitor.finished(page)
        bits = slider(page, "Bits")
        bits.focus()
        bits.press("ArrowLeft")
        page.wait_for_url("**bits=3*")
        visitor.finished(page)
        seen = at_the_ends(page), bits_chart(page).text_content()
        with visitor.visit_again(page) as other:
            there(visitor, other, "quantization")
            visitor.agrees(other, lambda it: (at_the_ends(it), bits_chart(it).text_content()), seen)
            other.get_by_text(re.compile("^151 of 163: ")).wait_for()


def test_the_nano(visitor, tmp_path):
    with visitor.visit("/?photo=room") as page:
        comes(visitor, page, "nano")
        before = pictures(page)
        page.get_by_role("radio", name="The bright photo").click()
        page.wait_for_url("**scene=bright*")
        light = slider(page, "Light taken away, in stops")
        light.focus()
        light.press("End")
        page.wait_for_url("**light=8*")
        visitor.finished(page)
        page.get_by_text("0.39% of the light is left").wait_for()
        after = pictures(page)
        assert len(after) == 3 and after[0] != before[0] and after[1] != before[1] and after[2] == before[2]
        mark(page, re.compile("^step 100: ")).click()
        page.wait_for_url("**step=100*")
        page.locator("strong", has_text="Step 100: ").wait_for()
        step = slider(page, "Step")
        step.focus()
        step.press("ArrowLeft")
        page.wait_for_url("**step=99*")
        page.locator("strong", has_text="Step 99: ").wait_for()
        visitor.finished(page)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download the sketch").click()
        waiting.value.save_as(tmp_path / "sketch.zip")
        write_sketch(model_file(NANO).read_bytes(), tmp_path / NAME)
        with zipfile.ZipFile(tmp_path / "sketch.zip") as archive:
            packed = {name: archive.read(name) for name in archive.namelist()}
        assert packed == {f"{NAME}/{path.name}": path.read_bytes() for path in (tmp_path / NAME).iterdir()}
        seen = pictures(page), page.get_by_role("table").first.inner_text()
        with visitor.visit_again(page) as other:
            there(visitor, other, "nano")
            visitor.agrees(other, lambda it: (pictures(it), it.get_by_role("table").first.inner_text()), seen)


def test_the_live_part_runs_in_the_page(visitor):
    with visitor.visit("/nano") as page:
        there(visitor, page, "nano")
        page.get_by_text("Run it here").click()
        live = page.frame_locator("iframe[title*=mirnet_live]")
        live.locator(".live[data-ready=yes]").wait_for()
        live.get_by_role("button", name="Prove it").click()
        live.get_by_text("The same bytes as the board's").wait_for()


def test_a_phone(visitor):
    with visitor.visit("/?photo=room", viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        page.get_by_role("heading", name="MIRNet, component by component").wait_for()
        for topic in ("quantization", "nano"):
            page.goto(f"{visitor.address}/{TOPICS[topic].path}?photo=palace")
            there(visitor, page, topic)
            assert visitor.fits(page)
