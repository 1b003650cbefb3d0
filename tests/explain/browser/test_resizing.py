"""Downsampling and upsampling in a real browser: patterns that move by hand, and tiny pictures."""

import re

import numpy as np
import pytest

from explain.app.compute.photos import sample_photo
from explain.app.views.component.sections.fine_patterns import Pattern, patch, shrunk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = """host => Object.fromEntries(Object.entries(host.pictures).map(([name, pixels]) => [name, [...pixels]]))"""


def drawn(page) -> dict[str, np.ndarray]:
    """What the browser has computed, by name, (height, width) each."""
    pictures = page.locator(".moving").evaluate(PICTURES)
    return {name: np.reshape(pixels, (int(len(pixels) ** 0.5), -1)) for name, pixels in pictures.items()}


def as_in_python(page, pattern: Pattern, factor: int) -> None:
    """The browser shows this pattern, and both ways to shrink it are those of NumPy."""
    photo = patch(sample_photo("palace", 4).pixels, (120, 180))
    original = pattern.pixels(photo)
    page.wait_for_function(
        "([host, wide]) => host.pictures.plain.length === wide * wide",
        arg=[page.locator(".moving").element_handle(), 64 // factor],
    )
    pictures = drawn(page)
    np.testing.assert_allclose(pictures["original"], original, atol=1e-9)
    for name, blur in (("plain", False), ("blurred", True)):
        expected, inner = shrunk(original, factor, blur), (slice(1, None),) * 2  # the first ones are mirrored
        np.testing.assert_allclose(pictures[name], expected, atol=1e-9)
        contrast = page.locator(f"[data-name={name}] b").inner_text()
        assert abs(int(contrast.removesuffix("%")) - 100 * expected[inner].std() / original[inner].std()) <= 0.51


def choose(page, visitor, group: str, option: str) -> None:
    page.get_by_role("radiogroup", name=group).get_by_role("radio", name=option).click()
    visitor.finished(page)


def test_a_pattern_moved_by_hand_and_by_itself(visitor):
    with visitor.visit("/downsample?photo=palace") as page:
        visitor.shows(page, "down")
        as_in_python(page, Pattern(), 2)
        slider = page.get_by_role("slider", name="Move the pattern")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**shift=1*")
        visitor.finished(page)
        as_in_python(page, Pattern(shift=1), 2)
        choose(page, visitor, "Size", "¼")
        page.wait_for_url("**factor=4*")
        visitor.finished(page)
        page.get_by_role("slider", name="Angle").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**angle=25*")
        visitor.finished(page)
        as_in_python(page, Pattern(angle=25, shift=1), 4)
        choose(page, visitor, "Pattern", "Photo")
        page.wait_for_url("**pattern=photo*")
        visitor.finished(page)
        as_in_python(page, Pattern("photo", shift=1), 4)
        choose(page, visitor, "Pattern", "Rings")
        page.wait_for_url("**pattern=zone*")
        visitor.finished(page)
        as_in_python(page, Pattern("zone", shift=1), 4)
        # Nothing has moved by itself until now; "Play" moves it without the server, and "Pause" tells where.
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("host => host.state.shift > 3", arg=page.locator(".moving").element_handle())
        assert "shift=1&" in f"{page.url}&"
        page.get_by_role("button", name="Pause").click()
        page.wait_for_url(re.compile(r"shift=(?!1(&|$))\d+"))
        visitor.finished(page)
        shift = int(re.search(r"shift=(\d+)", page.url)[1])
        as_in_python(page, Pattern("zone", shift=shift), 4)
        with visitor.visit_again(page) as other:
            visitor.shows(other, "down")
            as_in_python(other, Pattern("zone", shift=shift), 4)
            assert other.url == page.url
            assert other.get_by_role("slider", name="Move the pattern").input_value() == str(shift)


def test_resizing_on_a_phone_without_motion(visitor):
    phone = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
    with visitor.visit("/downsample?photo=palace&pattern=check&period=2", **phone) as page:
        visitor.shows(page, "down")
        as_in_python(page, Pattern("check", 2), 2)
        assert page.get_by_role("button", name="Play").count() == 0
        page.get_by_role("button", name="Move by ¼ pixel").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**shift=2*")
        visitor.finished(page)
        as_in_python(page, Pattern("check", 2, shift=2), 2)
        # A pixel of the pattern takes an integer number of the screen's; below the controls and the pattern, the two
        # small pictures lie side by side, equally large.
        boxes = [each.bounding_box() for each in page.locator(".moving canvas").all()]
        large, *small = (round(box["width"]) for box in boxes)
        assert large % 64 == small[0] % 64 == 0 and small[0] == small[1] and 2 * small[0] <= large
        assert boxes[1]["y"] == boxes[2]["y"] > boxes[0]["y"]
        assert page.get_by_role("slider", name="Move the pattern").bounding_box()["y"] < boxes[0]["y"]
        assert visitor.fits(page)
    with visitor.visit("/upsample?photo=palace", **phone) as page:
        visitor.shows(page, "up")
        choose(page, visitor, "The tiny picture", "An edge")
        page.wait_for_url("**signal=edge*")
        visitor.finished(page)
        seen = visitor.chart(page, re.compile("^Values along row")).box.get_attribute("aria-label")
        assert visitor.fits(page)
        with visitor.visit_again(page, **phone) as other:
            visitor.shows(other, "up")
            assert visitor.chart(other, seen).box.is_visible()
            assert other.get_by_role("radio", name="An edge").get_attribute("aria-checked") == "true"
