"""The map: the photo travels through it part by part, and a click on a group, a block or a unit goes into it."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PLAY = re.compile("Play")
IN_VIEW = "part => { const { top, bottom } = part.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight }"


def starts(visitor, page) -> None:
    page.get_by_role("button", name=re.compile("Play|part by part")).wait_for()
    visitor.finished(page)


def told(page) -> str:
    return page.locator(".player output").inner_text()


def lit(page) -> int:
    return page.locator(".map .lit").count()


def test_play_lights_part_after_part_and_can_be_paused(visitor):
    with visitor.visit("/?photo=room") as page:
        starts(visitor, page)
        pictures = page.locator(".panel .wide image")
        page.get_by_role("button", name=PLAY).click()
        page.locator(".player output", has_text=re.compile("^3 of ")).wait_for()
        pause = page.get_by_role("button", name="Pause")
        pause.click()
        stands = told(page)
        assert re.match(r"\d+ of \d+: ", stands) and lit(page) >= 2
        page.wait_for_timeout(1500)
        assert told(page) == stands
        dim = [
            each
            for each in pictures.evaluate_all("all => all.map(each => getComputedStyle(each).opacity)")
            if each < "0.5"
        ]
        assert len(dim) > 10
        page.get_by_role("button", name="Go on").focus()
        page.keyboard.press("ArrowRight")
        visitor.agrees(page, lambda _: int(told(page).split()[0]), int(stands.split()[0]) + 1)
        page.keyboard.press("ArrowLeft")
        visitor.agrees(page, told, stands)
        page.keyboard.press("Escape")
        assert lit(page) == 0 and page.locator(".map.playing").count() == 0


def test_the_whole_path_goes_into_the_group_and_the_block_and_ends_restored(visitor):
    with visitor.visit("/?photo=room") as page:
        starts(visitor, page)
        page.get_by_role("button", name=PLAY).focus()
        page.keyboard.press("ArrowRight")
        names = [told(page)]
        while True:
            page.keyboard.press("ArrowRight")
            if told(page) == names[-1]:
                break
            names.append(told(page))
        plain = [name.split(": ", 1)[1] for name in names]
        total = int(names[0].split()[2].rstrip(":"))
        assert len(names) == total
        assert plain[0] == "photo" and plain[-1] == "restored"
        order = ["into RRG 1", "into MRB 1", "Dual attention unit, stream 3, column 2", "MRB 1", "RRG 1", "RRG 2"]
        places = [plain.index(name) for name in order]
        assert places == sorted(places)
        for k in (1, 2, 3):
            assert f"Selective kernel feature fusion at stream {k}" in plain


def test_with_reduced_motion_it_goes_in_steps(visitor):
    with visitor.visit("/?photo=room", reduced_motion="reduce", **PHONE) as page:
        starts(visitor, page)
        assert not page.locator(".player button").filter(has_text=PLAY).is_visible()
        step = page.get_by_role("button", name="Send the photo through, part by part")
        step.tap()
        page.get_by_role("button", name="Next part").tap()
        stands = told(page)
        assert stands.startswith("2 of ") and page.locator(".parcel").count() == 0
        page.wait_for_timeout(1000)
        assert told(page) == stands  # nothing moves by itself
        assert visitor.fits(page)


@pytest.mark.parametrize("how", ["mouse", "keyboard", "touch"])
def test_a_click_on_a_group_or_block_goes_into_it_on_the_map(visitor, how):
    with visitor.visit("/?photo=room", **(PHONE if how == "touch" else {})) as page:
        starts(visitor, page)

        # The box, not the heading of the same name.
        def box(name: str):
            return page.locator(".panel svg a", has=page.locator("title", has_text=re.compile(f"^{name}$")))

        target = box("RRG 2").locator("visible=true").first
        if how == "keyboard":
            target.focus()
            page.keyboard.press("Enter")
        else:
            target.tap() if how == "touch" else target.click()
        page.wait_for_url("**group=2*")
        page.get_by_role("heading", name=re.compile("^RRG 2")).wait_for()
        visitor.finished(page)
        assert page.locator(".panel.here h3").inner_text().startswith("RRG 2")
        box("MRB 2").locator("visible=true").first.click()
        page.wait_for_url("**block=2*")
        page.get_by_role("heading", name=re.compile("^MRB 2 of RRG 2")).wait_for()
        visitor.finished(page)
        with visitor.visit_again(page) as other:
            other.get_by_role("heading", name=re.compile("^MRB 2 of RRG 2")).wait_for()
        heading = page.get_by_role("heading", name=re.compile("^MRB 2 of RRG 2")).get_by_role("link")
        heading.click()
        page.wait_for_url(re.compile(r"/mrb\?.*group=2&block=2"))


@pytest.mark.parametrize("how", ["mouse", "keyboard", "touch"])
def test_a_click_on_a_dual_attention_unit_goes_into_it_and_leads_on_to_its_parts(visitor, how):
    with visitor.visit("/?photo=room&group=2&block=1&v=2", **(PHONE if how == "touch" else {})) as page:
        starts(visitor, page)
        stays, name = page.url, "Dual attention unit, stream 3, column 2"
        target = page.get_by_role("link", name=name).locator("visible=true")
        if how == "keyboard":
            target.focus()
            page.keyboard.press("Enter")
        else:
            target.tap() if how == "touch" else target.click()
        drawing = page.locator(".panel.here")
        drawing.get_by_role("heading", name=name).wait_for()
        drawing.get_by_role("group", name="Inside a dual attention unit").wait_for()
        visitor.agrees(page, lambda _: drawing.evaluate(IN_VIEW), True)
        assert page.url == stays
        drawing.get_by_role("link", name="Spatial attention").click()
        visitor.shows(page, "spatial_attention")
        assert all(part in page.url for part in ("group=2&block=1&place=column_2&stream=3", "photo=room"))
        page.go_back()
        starts(visitor, page)
