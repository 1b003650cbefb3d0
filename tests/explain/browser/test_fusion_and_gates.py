"""The sections of SKFF's and the attention components' pages: bars, maps with cross hairs, a question, a limit."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHORT = 6e-4  # three digits after the point
ROUNDING = 2.5e-4  # four numbers, each with four digits after the point


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-").strip("() "))


def gifts(visitor, page) -> tuple[list[float], float]:
    """What each stream gives to the pixel, and the fused value."""
    *parts, fused = visitor.chart(page, "What each stream gives, added up").texts("numbers")
    for part in parts:
        weight, value, product = (number(piece) for piece in re.split("[×=]", part))
        assert abs(weight * value - product) < ROUNDING
    return [number(part.split("=")[1]) for part in parts], number(fused)


def at_pixel(page, url: str) -> None:
    """The address and the numbers have followed to another pixel."""
    page.wait_for_url(url)
    row, col = (re.search(rf"{name}=(\d+)", page.url)[1] for name in ("row", "col"))
    page.locator("strong", has_text=f"pixel ({row}, {col})").wait_for()


def contents(visitor, page, *names: str) -> dict:
    """What a person would compare."""
    shown = {name: visitor.chart(page, name).texts("numbers") for name in names}
    return shown | {"said": page.locator("strong").all_inner_texts()}


def test_weights_gifts_and_the_question(visitor):
    with visitor.visit("/skff?photo=astronaut") as page:
        visitor.shows(page, "skff")
        weights = visitor.chart(page, "Weights of the streams, a bar for each channel")
        bars = weights.box.get_by_label(re.compile(r"^channel: \d+.*stream: stream 1(;|$)"))
        assert bars.count() == 8
        bars.nth(5).hover()
        page.locator("#vg-tooltip-element").get_by_text("1.0000").wait_for()  # the sum
        weights.click(5 * 3)
        page.wait_for_url("**channel=5*")
        page.locator("strong", has_text="Channel 5, pixel").wait_for()
        visitor.finished(page)
        weights.click(6 * 3)
        page.wait_for_url("**channel=6*")
        page.locator("strong", has_text="Channel 6, pixel").wait_for()
        visitor.finished(page)
        page.mouse.move(0, 0)

        before, fused = gifts(visitor, page)
        assert len(before) == 3 and abs(sum(before) - fused) < ROUNDING
        picture = page.get_by_role("img", name=re.compile("^Map of channel 6: U"))
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        assert box["height"] > box["width"]  # an upright photo, an upright map
        picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.4})
        at_pixel(page, "**row=1*")
        row, col = (int(re.search(rf"{name}=(\d+)", page.url)[1]) for name in ("row", "col"))
        assert abs(row - 0.4 * 360) <= 3 and abs(col - 0.25 * 240) <= 3
        page.get_by_role("group", name=re.compile("^What each stream gives")).focus()
        page.keyboard.press("ArrowDown")
        at_pixel(page, f"**row={row + 1}*")
        visitor.finished(page)
        after, fused = gifts(visitor, page)
        assert after != before and abs(sum(after) - fused) < ROUNDING
        cell = page.get_by_role("row", name=re.compile("^out output")).inner_text()
        assert abs(number(cell.split()[-1]) - fused) < ROUNDING / 4

        page.get_by_text("Show two softmaxes of the same logits").click()
        page.get_by_role("button", name="Left", exact=True).click()
        page.get_by_text("No, that is the mistake.").wait_for()
        assert "bug=yes" in page.url and "answer=left" in page.url
        visitor.finished(page)
        page.get_by_role("button", name="Right: softmax over the streams", exact=True).focus()
        page.keyboard.press("Space")
        page.wait_for_url("**answer=right*")
        page.get_by_text(re.compile("^Yes. In the right panel every column adds up to 1")).wait_for()
        visitor.finished(page)
        with visitor.visit_again(page) as other:
            visitor.shows(other, "skff")
            other.get_by_text("Yes. In the right panel").wait_for()
            names = ["What each stream gives, added up"]
            visitor.agrees(other, lambda it: contents(visitor, it, *names), contents(visitor, page, *names))


def test_gates_in_order_before_and_after(visitor):
    with visitor.visit("/dual-attention?photo=coffee") as page:
        visitor.shows(page, "dau")
        shown = visitor.chart(page, re.compile("^Gates of the channels"))
        labels = shown.box.locator(".role-axis-label text").all_text_contents()
        gates = [float(label.partition("ch.")[0]) for label in labels]
        channels = [re.search(r"ch. (\d+)", label)[1] for label in labels]
        assert gates == sorted(gates, reverse=True) and sorted(channels) == list("01234567")
        shown.click(7)
        page.wait_for_url(f"**channel={channels[7]}*")
        page.get_by_role("radiogroup", name="Gate").get_by_role("radio", name="the channel gates").click()
        page.wait_for_url("**gate=channel*")
        page.get_by_text(re.compile("^The three maps share one scale. The channel gate is one number")).wait_for()
        page.locator("strong", has_text=f"Channel {channels[7]}, pixel").wait_for()
        page.get_by_text("Zoom in on the differences").click()
        page.wait_for_url("**zoom=yes*")
        visitor.finished(page)
        said = page.get_by_text(re.compile("of the value passes: ")).inner_text().rpartition(": ")[2].rstrip(".")
        before, times, result = (number(piece) for piece in re.split("[×=]", said))
        assert abs(times - gates[7]) < SHORT
        assert abs(before * times - result) < ROUNDING
        assert visitor.chart(page, "Strength inside the unit").texts("numbers")[0].endswith("100.0%")
        with visitor.visit_again(page) as other:
            visitor.shows(other, "dau")
            names = ["Strength inside the unit"]
            visitor.agrees(other, lambda it: contents(visitor, it, *names), contents(visitor, page, *names))


def test_the_limit_of_the_spatial_gate_by_keyboard(visitor):
    def numbers(of) -> tuple[float, int]:
        """Which share of the photo passes more than which limit, both in per cent."""
        text = of.locator("strong", has_text=re.compile(r"^[\d.]+% of the photo passes")).inner_text()
        share, limit = re.fullmatch(r"([\d.]+)% of the photo passes more than (\d+)%\.", text).groups()
        return float(share), int(limit)

    with visitor.visit("/spatial-attention?photo=room") as page:
        visitor.shows(page, "spatial_attention")
        first, start = numbers(page)
        assert 25 < first < 75  # it starts at the median
        page.get_by_role("slider", name="Limit of the gate").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**over={start + 1}*")
        page.get_by_text(f"of the photo passes more than {start + 1}%").wait_for()
        visitor.finished(page)
        assert numbers(page)[0] < first
        alt = page.get_by_role("img", name=f"The pixels that pass more than {start + 1}%").get_attribute("alt")
        with visitor.visit_again(page) as other:
            visitor.shows(other, "spatial_attention")
            visitor.agrees(other, numbers, numbers(page))
            other.get_by_role("img", name=alt).wait_for()
        phone = {"viewport": {"width": 390, "height": 844}}
        for path, kind in (
            ("/spatial-attention", "spatial_attention"),
            ("/channel-attention?stream=3&photo=astronaut", "channel_attention"),
            ("/dual-attention?stream=3", "dau"),
            ("/skff?place=exchange&stream=3&bug=yes", "skff"),
        ):
            with visitor.visit(path, **phone) as small:
                visitor.shows(small, kind)
                assert visitor.fits(small)
