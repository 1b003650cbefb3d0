"""Folders of pairs and of photos: what belongs together, and one clear line for everything that does not."""

import re

import numpy as np
import pytest

from model.data import PairFolder, PhotoFolder, open_pairs
from model.errors import MirnetError
from model.images.photo_files import load_image, save_image


def test_pairs_by_name_across_formats(make_pairs, bright):
    folder = make_pairs(3)
    save_image(folder / "high" / "00.webp", bright[0])
    (folder / "high" / "00.png").unlink()
    save_image(folder / "high" / "01.JPG", bright[1])
    (folder / "high" / "01.png").unlink()
    (folder / "high" / "notes.txt").write_text("not a photo")
    (folder / "high" / ".hidden.png").write_text("nor this")
    pairs = PairFolder(folder)
    assert pairs.names == ("00", "01", "02")
    for name, file in (("00", "00.webp"), ("01", "01.JPG"), ("02", "02.png")):
        low, high = pairs.load(name)
        assert low.dtype == high.dtype == np.uint8
        np.testing.assert_array_equal(high, load_image(folder / "high" / file))
        np.testing.assert_array_equal(low, load_image(folder / "low" / f"{name}.png"))
        assert low.mean() < high.mean()


def test_open_pairs_takes_a_folder(make_pairs):
    assert isinstance(open_pairs(make_pairs(2)), PairFolder)


def test_missing_partners_are_named_on_both_sides(make_pairs):
    folder = make_pairs(12)
    for number in range(7):
        (folder / "high" / f"{number:02}.png").unlink()
    (folder / "low" / "11.png").unlink()
    with pytest.raises(MirnetError) as caught:
        PairFolder(folder)
    text = str(caught.value)
    assert "7 of low have no partner in high: 00, 01, 02, 03, 04 and 2 more" in text
    assert "1 of high have no partner in low: 11" in text


def test_two_photos_of_one_name(make_pairs, bright):
    folder = make_pairs(2)
    save_image(folder / "high" / "01.webp", bright[1])
    with pytest.raises(MirnetError, match=r"01\.png and 01\.webp have the same name"):
        PairFolder(folder)


def test_sizes_differ(make_pairs, bright):
    folder = make_pairs(2)
    save_image(folder / "high" / "01.png", bright[1][:90])
    with pytest.raises(MirnetError, match="pair 01 differ in size: low is 144 × 96, high 144 × 90"):
        PairFolder(folder).load("01")


def test_a_broken_file_is_named(make_pairs):
    folder = make_pairs(2)
    file = folder / "low" / "01.png"
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(MirnetError, match=re.escape(str(file))):
        PairFolder(folder).load("01")


def test_what_is_no_folder_of_pairs(tmp_path, make_pairs):
    with pytest.raises(MirnetError, match="there is no such folder"):
        PairFolder(tmp_path / "absent")
    folder = make_pairs(1, "inner")
    with pytest.raises(MirnetError, match=rf"no folder low and none high; did you mean {re.escape(str(folder))}\?"):
        PairFolder(tmp_path)
    with pytest.raises(MirnetError, match="there is no pair '7'; it holds 00"):
        PairFolder(folder).load("7")
    for file in folder.rglob("*.png"):
        file.unlink()
    with pytest.raises(MirnetError, match="hold no PNG, JPEG, WebP, HEIC, AVIF, TIFF or BMP photo"):
        PairFolder(folder)


def test_fingerprint_changes_with_any_byte_and_any_name(make_pairs):
    folder = make_pairs(2)
    first = PairFolder(folder).fingerprint
    assert PairFolder(folder).fingerprint == first
    file = folder / "low" / "01.png"
    content = file.read_bytes()
    file.write_bytes(content + b"\0")
    changed = PairFolder(folder).fingerprint
    file.write_bytes(content)
    assert PairFolder(folder).fingerprint == first
    for side in ("low", "high"):
        (folder / side / "01.png").rename(folder / side / "02.png")
    assert len({first, changed, PairFolder(folder).fingerprint}) == 3


def test_photos(make_pairs, tmp_path, bright):
    photos = tmp_path / "photos"
    photos.mkdir()
    save_image(photos / "wide.png", np.concatenate([bright[0], bright[1]], axis=1))
    save_image(photos / "small.jpg", bright[2])
    folder = PhotoFolder(photos, max_side=200)
    assert folder.names == ("small", "wide")
    assert [folder.load(name)[0].shape for name in folder.names] == [(96, 144, 3), (67, 200, 3)]
    assert folder.fingerprint != PhotoFolder(photos, max_side=100).fingerprint
    (tmp_path / "none").mkdir()
    with pytest.raises(MirnetError, match="holds no PNG"):
        PhotoFolder(tmp_path / "none")
