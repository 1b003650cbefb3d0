"""Data sets as they lie around: folders and photos of a pair called in one of many ways, and what is no pair."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.data import PairFolder, open_pairs, split
from model.data.matching import SIDES, find_sides
from model.errors import MirnetError


@pytest.fixture
def layout(make_pairs, tmp_path):
    """`layout(low, high, names)`: pairs in folders of these names, their photos called by functions of a number."""

    def make(low: str, high: str, of_low=str, of_high=str, count: int = 3) -> Path:
        source = make_pairs(count, "source")
        for number in range(count):
            for side, folder, name in (("low", low, of_low), ("high", high, of_high)):
                target = tmp_path / "set" / folder / f"{name(number)}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(source / side / f"{number:02}.png", target)
        return tmp_path / "set"

    return make


def darker(pairs) -> bool:
    return all(low.mean() < high.mean() / 2 for low, high in map(pairs.load, pairs.names))


@pytest.mark.parametrize(
    ("low", "high"), [*SIDES, ("Low", "Normal"), ("A", "B"), ("trainA", "trainB"), ("INPUT", "GT")]
)
def test_folders_are_known_by_their_usual_names(layout, low, high):
    pairs = open_pairs(layout(low, high))
    assert pairs.names == ("0", "1", "2")
    assert darker(pairs)


@pytest.mark.parametrize(
    ("low", "high", "of_low", "of_high", "names"),
    [
        ("Low", "Normal", "low{:05}", "normal{:05}", ("00000", "00001", "00002")),  # LOL-v2
        ("low", "high", "{}_low", "{}_high", ("0", "1", "2")),
        ("low", "high", "low_{}", "high-{}", ("0", "1", "2")),
        ("A", "B", "{:03}_A", "{:03}_B", ("000", "001", "002")),
        ("A", "B", "photo {}a", "photo {}b", ("photo 0", "photo 1", "photo 2")),
        ("input", "gt", "IMG_{}", "img_{}", ("IMG_0", "IMG_1", "IMG_2")),
        ("short", "long", "0{} short", "0{}.long", ("00", "01", "02")),
    ],
)
def test_a_name_may_say_the_side(layout, low, high, of_low, of_high, names):
    pairs = open_pairs(layout(low, high, of_low.format, of_high.format))
    assert pairs.names == names
    assert darker(pairs)


def test_words_inside_a_name_are_left_alone(layout):
    pairs = open_pairs(layout("A", "B", "apple{}".format, "apple{}".format))
    assert pairs.names == ("apple0", "apple1", "apple2")


def test_words_are_whole_ones(layout):
    """`lowland 0` and `highland 0` are two places, and no pair called `land 0`."""
    with pytest.raises(MirnetError, match="3 of low have no partner in high: lowland 0"):
        open_pairs(layout("low", "high", "lowland {}".format, "highland {}".format))


def test_photos_of_the_same_name_go_first(layout):
    folder = layout("Low", "Normal", "low{}".format, "normal{}".format)
    for side in ("Low", "Normal"):
        name = f"{side.lower()}0.png"
        shutil.copy(folder / side / name, folder / side / "0.png")
    pairs = open_pairs(folder)
    assert pairs.names == ("0", "1", "2", "low0")
    np.testing.assert_array_equal(pairs.load("low0")[1], pairs.load("0")[1])


@pytest.mark.parametrize(("low", "high"), [("dim", "lit"), ("phone/shots", "camera/shots")])
def test_any_two_folders(layout, low, high):
    folder = layout(low, high, "dim{}".format if low == "dim" else str, "lit{}".format if low == "dim" else str)
    pairs = open_pairs((folder / low, folder / high))
    assert pairs.names == ("0", "1", "2")
    assert darker(pairs)
    assert pairs.title == ("set" if low == "dim" else "shots")
    assert pairs.fingerprint == open_pairs((str(folder / low), str(folder / high))).fingerprint


def test_a_list_lies_beside_two_folders(layout):
    folder = layout("dim", "lit")
    (folder / "validation.txt").write_text("1\n")
    assert split(open_pairs((folder / "dim", folder / "lit"))).validation == ("1",)


def test_one_photo_of_each(layout):
    folder = layout("low", "high", count=1)
    (folder / "high" / "0.png").rename(folder / "answer.png")
    pairs = open_pairs((folder / "low" / "0.png", folder / "answer.png"))
    assert pairs.names == ("0",)
    assert darker(pairs)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ("low", "absent", "absent: there is no such folder"),
        ("low/0.png", "high", "0.png: is a file, and the other is none; give a folder of dark and one of bright"),
        ("low", "low", "holds the dark photos and cannot hold the bright ones too"),
        ("low", "empty", "3 of low have no partner in empty: 0, 1, 2; photos of a pair need the same name"),
    ],
)
def test_what_are_no_two_folders(layout, low, high, message):
    folder = layout("low", "high")
    (folder / "empty").mkdir()
    with pytest.raises(MirnetError, match=re.escape(message)):
        open_pairs((folder / low, folder / high))


def test_two_that_could_be_meant(layout):
    folder = layout("input", "target")
    (folder / "GT").mkdir()
    with pytest.raises(MirnetError, match=r"There are input and target; input and GT; give two by --low and --high"):
        open_pairs(folder)
    for side, other in (("input", "low"), ("target", "high")):
        shutil.copytree(folder / side, folder / other)
    assert find_sides(folder) == (folder / "low", folder / "high")  # the usual two go before all others


def test_two_photos_that_could_be_of_one_pair(layout):
    folder = layout("Low", "Normal", "low{}".format, "normal{}".format)
    shutil.copy(folder / "Low" / "low1.png", folder / "Low" / "1_low.png")
    with pytest.raises(MirnetError, match=r"1_low and low1 could be of the same pair|low1 and 1_low could be"):
        open_pairs(folder)


def test_photos_without_a_partner_are_listed(layout):
    folder = layout("Low", "Normal", "low{:05}".format, "normal{:05}".format, count=4)
    (folder / "Low" / "low00001.png").unlink()
    (folder / "Normal" / "normal00003.png").rename(folder / "Normal" / "normal00009.png")
    with pytest.raises(MirnetError) as caught:
        PairFolder(folder)
    assert "1 of Low have no partner in Normal: low00003" in str(caught.value)
    assert "2 of Normal have no partner in Low: normal00001, normal00009" in str(caught.value)


def test_where_they_are_is_said_when_they_lie_further_down(layout):
    folder = layout("Low", "Normal")
    with pytest.raises(MirnetError, match=rf"did you mean .*{re.escape(str(folder))}.*\?"):
        PairFolder(folder.parent)
