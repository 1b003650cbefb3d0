"""The cell inspector as a person uses it: point at a number, follow it down to the photo, copy the address."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BODY = "rrg_1/mrb_1/column_1/dau_1/body"


def shows(visitor, page, tensor: str, *place: int) -> None:
    """The page explains this number, and the recomputed one is the same."""
    page.get_by_role("heading", name=f"{tensor} [{', '.join(map(str, place))}]", exact=True).wait_for()
    page.locator(".cell").wait_for()
    visitor.finished(page)
    visitor.unfold(page)
    assert (
        page.get_by_text("Computed again from its operands").count() + page.get_by_text("the chain ends").count() == 1
    )
    assert page.get_by_text("off by").count() == 0


def contents(page) -> tuple[str, ...]:
    """What a person would compare."""
    return (
        page.get_by_role("heading", level=3).filter(has_text="[").inner_text(),
        page.locator(".cell").inner_text(),
        page.get_by_role("img", name=re.compile("; chosen: ")).get_attribute("alt"),
        page.locator(".katex-mathml annotation").first.text_content(),
    )


def test_from_a_click_on_the_picture_down_to_the_photo(visitor):
    with visitor.visit(f"/cell?photo=kingfisher&tensor={BODY}") as page:
        shows(visitor, page, BODY, 120, 180, 0)
        picture = page.get_by_role("img", name=re.compile("^Channel 0 of .*; chosen: "))
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 100.5 / 360, "y": box["height"] * 60.5 / 240})
        page.wait_for_url("**y=*")
        y, x = (int(number) for number in re.search(r"y=(\d+)&x=(\d+)&c=0", page.url).groups())
        assert abs(y - 60) <= 1 and abs(x - 100) <= 1  # a screen pixel is more than half a pixel of the map
        shows(visitor, page, BODY, y, x, 0)
        assert page.locator(".patch").count() == 9  # patch, weights and products of three channels
        follow = page.get_by_label("patch", exact=True).first.get_by_role("link")
        assert follow.count() == 9
        follow.nth(1).click()  # the one above
        path = page.get_by_role("navigation", name="Breadcrumbs")
        path.get_by_role("link").wait_for()
        assert re.search(f"tensor=[^&]*activation&y={y - 1}&x={x}&", page.url)
        steps = 1
        while not page.get_by_text("the chain ends").count():
            page.locator(".cell a").first.click()
            path.get_by_role("link").nth(steps).wait_for()
            visitor.finished(page)
            steps += 1
            assert steps <= 10, "the photo is not so far away"
        assert re.search(r"tensor=input&", page.url)
        seen, link = contents(page), page.url
        assert path.get_by_role("link").count() == steps
        with visitor.visit_again(page) as other:
            other.get_by_text("the chain ends").wait_for()
            visitor.finished(other)
            visitor.agrees(other, contents, seen)
            assert other.url == link
        path.get_by_role("link").first.click()
        shows(visitor, page, BODY, y, x, 0)
        path.wait_for(state="detached")
        page.go_back()
        page.get_by_text("the chain ends").wait_for()


def test_the_keyboard_reaches_every_number(visitor):
    with visitor.visit("/dual-attention?photo=kingfisher&row=50&col=30") as page:
        visitor.shows(page, "dau")
        value = page.get_by_role("link", name="How rrg_1/mrb_1/column_1/dau_1/spatial/gate ")
        number = value.inner_text()
        value.focus()
        page.keyboard.press("Enter")
        gate = "rrg_1/mrb_1/column_1/dau_1/spatial/gate"
        shows(visitor, page, gate, 50, 30, 0)
        assert page.get_by_text(re.compile(f"^= {re.escape(number)}")).count() == 1  # the same number as in the table
        page.get_by_label(re.compile("^Sigmoid: the logit")).first.wait_for()
        row = page.get_by_role("spinbutton", name="Row (0 to 239)")
        row.fill("7")
        row.press("Enter")
        page.wait_for_url("**y=7&x=30*")
        shows(visitor, page, gate, 7, 30, 0)
        page.get_by_role("group", name=re.compile("the arrow keys move")).focus()
        page.keyboard.press("Shift+ArrowDown")
        page.wait_for_url("**y=17&x=30*")
        shows(visitor, page, gate, 17, 30, 0)
        part = page.get_by_role("combobox", name=re.compile("In the network"))
        part.focus()
        part.press("ArrowDown")
        page.get_by_role("option", name="group 2").wait_for()
        part.type("group 2")
        part.press("Enter")
        page.wait_for_url("**tensor=rrg_2*")
        shows(visitor, page, gate.replace("rrg_1", "rrg_2"), 17, 30, 0)


def test_the_boards_whole_numbers_on_a_phone(visitor):
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    softmax = "rrg_1/mrb_1/exchange/skff_1/weights"
    with visitor.visit(f"/cell?photo=kingfisher&net=nano&tensor={softmax}&y=2&c=4", **phone) as page:
        shows(visitor, page, softmax, 2, 0, 4)
        assert page.get_by_text("the same, to the last bit").count() == 1
        page.locator(".cell a").first.click()  # it was moved
        page.wait_for_url("**way=*")
        page.get_by_role("columnheader", name="share").wait_for()
        assert page.get_by_role("row").filter(has=page.get_by_role("link")).count() == 3  # three streams compete
        assert visitor.fits(page)
        page.get_by_role("radio", name=re.compile("^desk")).click()
        page.wait_for_url(lambda url: "net=" not in url)
        page.get_by_text("the network's own number").wait_for()
        visitor.finished(page)
        assert visitor.fits(page)
