"""Addresses: what the page writes it can read, and nothing that others write can break it."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.app.catalog.choices import KINDS, Choice, fields, opening, options, settle
from explain.app.url.state import UPLOAD, View, quoted, read_detail, read_view
from model import MIRNetConfig

CONFIG = MIRNetConfig(channels=16, groups=2, blocks=3)
PHOTOS = ("room", "coffee")
SIZE = (240, 360)
PARAMS = ("photo", "group", "block", "place", "stream", "to", "step", "channel", "row", "col", "softmax", "probes")


def read(params, kind, has_upload=False):
    view, notes = read_view(params, kind, CONFIG, PHOTOS, has_upload)
    view, more = read_detail(view, params, 16, SIZE)
    return view, notes + more


@given(
    kind=st.sampled_from([None, *KINDS]),
    numbers=st.tuples(*[st.integers(1, 4)] * 5),
    place=st.sampled_from(["column_1", "column_2", "exchange", "merge"]),
    channel=st.none() | st.integers(0, 15),
    pixel=st.none() | st.tuples(st.integers(0, 239), st.integers(0, 359)),
    switches=st.tuples(st.sampled_from(["streams", "channels"]), st.booleans(), st.sampled_from([*PHOTOS, UPLOAD])),
    lively=st.booleans(),
)
def test_a_view_survives_its_address(kind, numbers, place, channel, pixel, switches, lively):
    group, block, stream, to, step = numbers
    wanted = Choice(group=group, block=block, place=place, stream=stream, to=to, step=step)
    choice = settle(kind or "mrb", CONFIG, settle("mrb", CONFIG, wanted))
    softmax, probes, photo = switches
    view = View(photo, choice, channel, pixel, softmax, probes, lively=lively)
    address = urlencode(view.params(kind))
    found, notes = read(dict(parse_qsl(address)), kind, has_upload=True)
    assert notes == []
    assert found.params(kind) == view.params(kind)
    for field in fields(kind) if kind else ("group", "block"):
        assert getattr(found.choice, field) == getattr(choice, field)
    assert replace(found, choice=choice) == view


@given(
    kind=st.sampled_from([None, *KINDS]),
    params=st.dictionaries(st.sampled_from(PARAMS) | st.text(max_size=5), st.text(max_size=40)),
)
def test_any_address_gives_a_valid_view(kind, params):
    view, notes = read(params, kind)
    assert view.photo in PHOTOS
    for field in fields(kind) if kind else ():
        assert getattr(view.choice, field) in options(kind, CONFIG, view.choice, field)
    assert view.channel is None or 0 <= view.channel < 16
    assert view.pixel is None or (0 <= view.pixel[0] < 240 and 0 <= view.pixel[1] < 360)
    assert all(len(note) < 250 for note in notes)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"group": "3"}, "no group `3` here, only 1, 2"),
        ({"group": "0"}, "no group `0`"),
        ({"group": "1.0"}, "no group `1.0`"),
        ({"group": "٢"}, "no group `٢`"),
        ({"place": "merge"}, "no place `merge` here, only column_1, column_2"),
        ({"stream": "-1"}, "no stream `-1`"),
        ({"photo": "../../etc/passwd"}, "no sample photo `../../etc/passwd`: showing room"),
        ({"photo": "upload"}, "never leaves the session"),
        ({"softmax": "pixels"}, "streams or channels, not `pixels`"),
        ({"channel": "16"}, "no channel `16` here, only 0 to 15"),
        ({"channel": "9" * 5000}, "no channel"),
        ({"row": "240", "col": "0"}, "no pixel at row `240`, column `0`"),
        ({"row": "5"}, "no pixel at row `5`, column (nothing)"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_was_put_right_is_said(params, says):
    _, notes = read(params, "dau")
    assert len(notes) == 1
    assert says in notes[0]


def test_parameters_of_other_pages_are_no_mistake():
    assert read({"place": "merge", "stream": "7", "step": "2", "utm_source": "x"}, "rrg")[1] == []


@given(st.text())
def test_quoted_text_stays_inside_its_code_span(text):
    shown = quoted(text)
    assert len(shown) <= 27
    assert "\n" not in shown
    if shown != "(nothing)":
        assert shown[0] == shown[-1] == "`"
        assert "`" not in shown[1:-1]


def test_another_component_starts_with_its_own_channel():
    view = View("room", settle("dau", CONFIG, Choice()), channel=9)
    assert view.at("dau", CONFIG, stream=3).channel is None
    assert view.at("dau", CONFIG).channel == 9


def test_the_link_back_leads_to_the_same_group_and_block():
    view = View("room", Choice(group=2, block=3))
    assert view.params(None) == {"photo": "room", "group": "2", "block": "3"}


def test_an_address_from_before_opens_the_view_that_it_was_made_of():
    old, notes = read({"photo": "coffee", "group": "1", "block": "1"}, "channel_attention")
    assert not old.lively and notes == []
    assert (old.choice.group, old.choice.block, old.choice.place, old.choice.stream) == (1, 1, "column_1", 1)
    assert "v" not in old.params("channel_attention")
    fresh, _ = read({}, "channel_attention")
    assert fresh.lively and fresh.choice == settle("channel_attention", CONFIG, opening("channel_attention"))
    again, _ = read(fresh.params("channel_attention"), "channel_attention")
    assert again == fresh
