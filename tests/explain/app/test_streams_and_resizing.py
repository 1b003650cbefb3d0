"""The page about receptive fields and the sections about resizing, driven without a browser."""

import numpy as np
import pytest
from page_runs import healthy, opened, text_of
from streamlit.testing.v1 import AppTest

from explain.analysis.receptive import look
from explain.app.compute.photos import sample_photo
from explain.app.compute.runner import Setup, network, tensors
from explain.app.views.component.sections.fine_patterns import Pattern, false_pattern, patch
from explain.app.views.component.sections.step_response import checkered, respond

STAGE = "rrg_1/mrb_1/column_2/dau_2/out"


def table_of(page: AppTest, heading: str) -> list[str]:
    """The numbers of the table with this heading, row by row."""
    header, _, *rows = next(
        lines for each in page.markdown if heading in (lines := each.value.splitlines())[0] and lines[0].startswith("|")
    )
    assert header.count("|") == rows[0].count("|")
    return [cell.strip() for row in rows for cell in row.split("|")[2:-1]]


@pytest.fixture(scope="module")
def streams() -> AppTest:
    return opened("streams", photo="palace", stage=STAGE, row="150", col="100")


@pytest.mark.slow
def test_the_numbers_are_those_of_the_engine(streams):
    net, _ = network(Setup())
    photo = sample_photo("palace", 4).pixels
    live, held = (look(net, photo, 150, 100, [STAGE], hold_global=hold)[0] for hold in (False, True))
    expected = []
    for share in (0.5, 0.9, 0.99):
        expected += [f"{live.radius(share):.1f} px", f"{held.radius(share):.1f} px"]
    assert table_of(streams, "all paths") == [*expected, f"{live.share_inside:.2%}", "100.00%"]
    assert "The theoretical field is 91 × 91 pixels" in text_of(streams.markdown)
    assert "The streams of **group 1 · block 1**" in text_of(streams.markdown)


@pytest.mark.slow
def test_another_pixel_is_another_view_with_an_address(streams):
    before = table_of(streams, "all paths")
    streams.get_by_key("col").set_value(260)
    healthy(streams.run())
    assert streams.query_params["col"] == "260" and streams.query_params["stage"] == STAGE
    assert table_of(streams, "all paths") != before


@pytest.mark.slow
def test_before_the_first_average_both_ways_are_the_same(streams):
    page = opened("streams", photo="palace", stage="shallow")
    assert "both pictures are the same" in text_of(page.markdown)
    cells = table_of(page, "all paths")
    assert cells[::2] == cells[1::2]


@pytest.mark.slow
def test_the_lines_to_take_along_give_the_same_numbers(streams):
    page = opened("streams", photo="palace", stage="shallow", row="10", col="20")
    code = next(each.value for each in page.code if "hold_global=True" in each.value)
    found: dict = {}
    exec(code, found)
    assert found["live"].field.name == "shallow" and found["live"].row == 10
    assert f"{found['live'].radius(0.9):.1f} px" == table_of(page, "all paths")[2]


@pytest.mark.slow
def test_a_strange_stage_gets_a_sentence():
    page = opened("streams", stage="rrg_9/out", row="1e9")
    assert "There is no stage" in text_of(page.info) and "no pixel at" in text_of(page.info)


def test_false_patterns_in_numbers():
    page = opened("down", photo="palace", pattern="zone", period="2.25", factor="4", shift="5", row="60", col="70")
    assert page.get_by_key("extra_pattern").value == "zone" and page.get_by_key("extra_period").value == "2.25"
    pixels = Pattern("zone", 2.25, shift=5).pixels(patch(sample_photo("palace", 4).pixels, (60, 70)))
    expected = []
    for factor in (2, 4):
        for blur in (False, True):
            false = false_pattern(pixels, factor, blur)
            expected += [f"{false.energy:.1%}", f"{false.amplitude:.1%}"]
    assert table_of(page, "False energy") == expected
    page.get_by_key("extra_pattern").set_value("photo")
    healthy(page.run())
    assert page.query_params["pattern"] == "photo" and page.query_params["shift"] == "5"
    assert "moves by whole ones" in text_of(page.caption)


def test_strange_patterns_get_a_sentence():
    page = opened("down", pattern="plaid", period="1", angle="91", factor="3", shift="-1")
    notes = text_of(page.info)
    assert all(f"no {name} " in notes for name in ("pattern", "period", "factor"))
    assert all(f"wants {name} " in notes for name in ("angle", "shift"))


def test_the_trained_step_makes_a_checkerboard_of_grey():
    page = opened("up", photo="palace", group="2", signal="grey")
    net, _ = network(Setup())
    name = "rrg_2/mrb_1/exchange/up_2_1/step_1/in"
    given = tensors(Setup(), sample_photo("palace", 4), [name])[name]
    step = net.groups[1].chain[0].resize["2_1"].steps[0]
    found = respond(step, "grey", given[0].mean(axis=(0, 1)))
    assert table_of(page, "Checkerboard from grey") == [
        f"{checkered(found.tensors[each]):.1%}" for each in ("main", "shortcut", "out")
    ]
    assert checkered(found.tensors["main"]) > 0.05 > 1e-5 > checkered(found.tensors["shortcut"])
    assert np.ptp(found.smooth) < 1e-6
    page.get_by_key("extra_signal").set_value("pixel")
    healthy(page.run())
    assert "signal" not in page.query_params
