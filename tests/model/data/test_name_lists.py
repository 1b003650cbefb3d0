"""Lists of names as editors, spreadsheets and other systems leave them; damaged ones are one clear error."""

import codecs

import pytest
from damage import SEEDS, mutated

from model.data import PairFolder, split
from model.data.name_lists import names_in
from model.errors import MirnetError

NAMES = ("28", "a.b", "dark street", "low00001", "ü")
KNOWN = {name: name for name in NAMES}


def held_out(tmp_path, content: bytes) -> tuple[str, ...]:
    (tmp_path / "validation.txt").write_bytes(content)
    return names_in(tmp_path / "validation.txt", KNOWN, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "28\ndark street\n",
        "28\r\ndark street\r\n",
        "  28  \n\n\t dark street",
        "28.png\ndark street.JPG\n",
        "low/28.png\nC:\\photos\\low\\dark street.heic\n",
        "28\n28.webp\ndark street\n",
        "dark street\x0c28\x85",
        "# held out\n28\n#\n  # and\ndark street\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_name_a_line(tmp_path, text, encoding):
    assert held_out(tmp_path, text.encode(encoding)) == ("28", "dark street")


def test_several_in_a_line_where_none_holds_a_blank(tmp_path):
    assert held_out(tmp_path, b"28 low00001\na.b\n") == ("28", "a.b", "low00001")


def test_a_name_may_begin_as_a_comment_does(tmp_path):
    (tmp_path / "list").write_text("#1.png\n")
    assert names_in(tmp_path / "list", {"#1": "#1"}, tmp_path) == ("#1",)


def test_dots_and_letters_of_all_kinds(tmp_path):
    assert held_out(tmp_path, "a.b.png\nü\n".encode()) == ("a.b", "ü")
    assert held_out(tmp_path, codecs.BOM_UTF16_BE + "ü".encode("utf-16-be")) == ("ü",)


def test_letters_in_two_pieces_are_the_same_names(tmp_path, make_pairs):
    """As macOS and its archives have written them; lists are typed elsewhere."""
    assert held_out(tmp_path, "u\u0308.png\n".encode()) == ("ü",)
    folder = make_pairs(2)
    (folder / "low" / "00.png").rename(folder / "low" / "u\u0308.png")
    (folder / "high" / "00.png").rename(folder / "high" / "ü.png")
    (folder / "validation.txt").write_text("ü\n", encoding="utf-8")
    pairs = PairFolder(folder)
    assert pairs.names == ("01", "ü") and split(pairs).validation == ("ü",)
    assert pairs.load("ü")[0].shape == pairs.load("01")[0].shape


def test_an_empty_list_holds_nothing_out(tmp_path):
    assert held_out(tmp_path, codecs.BOM_UTF8 + b"\r\n\r\n") == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"28\n77\n", "names pairs that .* lacks: 77"),
        (b"dark  street\n", "lacks: dark  street"),
        ("ü".encode("latin-1"), "cannot be read as a list of names .*; save it as text in UTF-8"),
        (b"\xff\xfe\x00", "cannot be read as a list"),
        (b"28\1\n" + b"x" * 300, r"lacks: '28\\x01', x{60}$"),
        (
            "28".encode("utf-16-le"),
            r"cannot be read as a list of names \(it holds zero bytes\); save it as text in UTF-8",
        ),
    ],
)
def test_what_is_no_list_of_these(tmp_path, content, message):
    with pytest.raises(MirnetError, match=message):
        held_out(tmp_path, content)


def test_the_names_of_files_that_say_the_side(make_pairs):
    """As in LOL-v2: the pair is 00, its photos low00 and normal00."""
    folder = make_pairs(3)
    for side, word in (("low", "low"), ("high", "normal")):
        for file in (folder / side).iterdir():
            file.rename(file.with_name(f"{word}{file.name}"))
    (folder / "validation.txt").write_bytes(b"\xef\xbb\xbflow00.png\r\nnormal02\r\n")
    assert split(PairFolder(folder)).validation == ("00", "02")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_damaged_lists(tmp_path, encoding):
    content = "28\r\ndark street.png\r\nlow/low00001.png\r\nü\r\n".encode(encoding)
    refused = 0
    for seed in SEEDS:
        try:
            assert set(held_out(tmp_path, mutated(content, seed))) <= set(NAMES), seed
        except MirnetError as error:
            assert str(error).isprintable(), seed
            refused += 1
    print(f"lists, {encoding}: {refused} of {len(SEEDS)} damaged files refused")
    assert len(SEEDS) // 3 < refused < len(SEEDS)
