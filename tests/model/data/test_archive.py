"""One file of pairs: small enough, nothing of the validation in it, read like a folder, and safe when it is broken."""

import json
import zipfile

import numpy as np
import pytest

from model.data import Crops, PackedPairs, PairFolder, PixelCache, open_pairs, split
from model.data.archive_writer import pack
from model.errors import MirnetError
from model.images.camera_formats import resize
from model.images.photo_files import save_image
from model.quality.metrics import psnr

# JPEG of quality 95 with colour at full resolution.
HIGH_DB = 33


@pytest.fixture
def folder(make_pairs) -> PairFolder:
    return PairFolder(make_pairs(12))


def test_without_reduction_the_files_are_copied(folder, tmp_path):
    packed = pack(folder, tmp_path / "pairs.zip", scale=1.0)
    pairs = open_pairs(tmp_path / "pairs.zip")
    assert isinstance(pairs, PackedPairs)
    assert (packed.scale, packed.part, pairs.shrunk, pairs.part) == (1, 1, 1, 1)
    assert pairs.names == split(folder).training
    assert packed.pairs == len(pairs.names) == 12 - packed.held_out
    for name in pairs.names:
        for ours, theirs in zip(pairs.load(name), folder.load(name), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert pairs.digests[name] == folder.digests[name]


def test_half_size_keeps_dark_photos_without_loss(folder, tmp_path):
    pack(folder, tmp_path / "pairs.zip", scale=0.5)
    pairs = open_pairs(tmp_path / "pairs.zip")
    assert pairs.shrunk == 0.5
    for name in pairs.names[:4]:
        low, high = (resize(side, 48, 72) for side in folder.load(name))
        ours = pairs.load(name)
        np.testing.assert_array_equal(ours[0], low)
        assert psnr(ours[1], high, data_range=255) > HIGH_DB


def test_a_window_is_the_same_place_in_both(folder, tmp_path):
    pack(folder, tmp_path / "pairs.zip", scale=1.0, part=0.25)
    pairs = open_pairs(tmp_path / "pairs.zip")
    corners = set()
    for name in pairs.names:
        low, high = pairs.load(name)
        assert low.shape == high.shape == (48, 72, 3)
        whole = folder.load(name)
        windows = np.lib.stride_tricks.sliding_window_view(whole[0], (48, 72), axis=(0, 1))
        same = np.all(windows == np.moveaxis(low, -1, 0), axis=(2, 3, 4))  # (rows, columns) of the corner
        ((top, left),) = np.argwhere(same)
        corners.add((int(top), int(left)))
        assert psnr(high, whole[1][top : top + 48, left : left + 72], data_range=255) > HIGH_DB
    assert len(corners) > 5


def test_validation_is_there_by_name_only(folder, tmp_path):
    pack(folder, tmp_path / "pairs.zip", scale=0.5)
    held_out = split(folder).validation
    assert held_out
    pairs = open_pairs(tmp_path / "pairs.zip")
    assert pairs.held_out_names == held_out
    assert split(pairs).training == pairs.names
    assert split(pairs).validation == ()
    assert split(pairs).rule == split(folder).rule
    with zipfile.ZipFile(tmp_path / "pairs.zip") as file:
        members = {member.partition("/")[2].partition(".")[0] for member in file.namelist()}
    assert not members & set(held_out)


def test_validation_pictures_only_when_asked_for_and_still_held_out(folder, tmp_path):
    pack(folder, tmp_path / "pairs.zip", scale=0.5, with_validation=True)
    pairs = open_pairs(tmp_path / "pairs.zip")
    assert pairs.names == folder.names
    assert (split(pairs).training, split(pairs).validation) == (split(folder).training, split(folder).validation)


def test_unfit_pairs_are_left_out_and_named(make_pairs, tmp_path, bright):
    path = make_pairs(12)
    (path / "validation.txt").write_text("00 01")
    for number in (1, 5):
        save_image(path / "low" / f"{number:02}.png", (bright[number] * 0.9).astype(np.uint8))
    folder = PairFolder(path)
    packed = pack(folder, tmp_path / "pairs.zip", scale=0.5, with_validation=True)
    assert packed.left_out == {"05": "low is 0.90 times as bright as high"}  # 01 is hard, and stays in the measure
    pairs = open_pairs(tmp_path / "pairs.zip")
    assert pairs.left_out == packed.left_out
    assert "05" not in pairs.names
    assert "01" in pairs.names


@pytest.mark.parametrize("limit", [600_000, 200_000, 60_000])
def test_the_largest_scale_that_fits(folder, tmp_path, limit):
    packed = pack(folder, tmp_path / "pairs.zip", limit=limit)
    assert packed.size == (tmp_path / "pairs.zip").stat().st_size <= limit
    assert packed.size > limit / 2.5  # neighbours among the scales differ by no more
    assert open_pairs(packed.path).shrunk == packed.scale


def test_what_cannot_fit(folder, tmp_path):
    with pytest.raises(MirnetError, match=r"into 0.001 MB even at scale 0.125, they take about 0.0\d+ MB; raise"):
        pack(folder, tmp_path / "pairs.zip", limit=1000)
    with pytest.raises(MirnetError, match=r"at scale 1, they take about 0.\d+ MB; .* a smaller scale or part"):
        pack(folder, tmp_path / "pairs.zip", limit=100_000, scale=1.0)
    assert [file.name for file in tmp_path.iterdir()] == ["set"]


def test_the_same_pairs_give_the_same_file(folder, tmp_path):
    for name in ("one.zip", "two.zip"):
        pack(folder, tmp_path / name, scale=0.5)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_unpacked_it_is_a_folder_of_pairs(folder, tmp_path):
    pack(folder, tmp_path / "pairs.zip", scale=0.5)
    with zipfile.ZipFile(tmp_path / "pairs.zip") as file:
        file.extractall(tmp_path / "unpacked")
    unpacked, packed = PairFolder(tmp_path / "unpacked"), open_pairs(tmp_path / "pairs.zip")
    assert unpacked.names == packed.names
    np.testing.assert_array_equal(unpacked.load(packed.names[0])[1], packed.load(packed.names[0])[1])


def test_batches_come_from_a_file_too(folder, tmp_path):
    pack(folder, tmp_path / "pairs.zip", scale=0.5)
    cache = PixelCache(open_pairs(tmp_path / "pairs.zip"), tmp_path / "cache", scales=(1, 2))
    low, high = Crops(pairs=cache, names=cache.names, size=32, batch_size=4, scales=(1,)).batch(0)
    assert low.shape == (4, 32, 32, 3)
    assert low.mean() < high.mean()


def test_interrupted_nothing_is_left(folder, tmp_path):
    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    (tmp_path / "pairs.zip").write_text("an older file")
    with pytest.raises(KeyboardInterrupt):
        pack(folder, tmp_path / "pairs.zip", scale=0.5, progress=stop)
    assert (tmp_path / "pairs.zip").read_text() == "an older file"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pairs.zip", "set"]


def test_every_truncation_is_noticed(folder, tmp_path):
    file = tmp_path / "pairs.zip"
    pack(folder, file, scale=0.25)
    whole = file.read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        file.write_bytes(whole[:length])
        with pytest.raises(MirnetError, match=r"is no whole file of pairs .*; pack or copy it again"):
            open_pairs(file)


def test_every_flipped_bit_is_noticed_or_harmless(make_pairs, tmp_path):
    """ZIP has a checksum for every member: no picture is decoded wrong without an error, whatever is hit."""
    file = tmp_path / "pairs.zip"
    pack(PairFolder(make_pairs(3)), file, scale=0.25)
    whole = file.read_bytes()
    right = {name: open_pairs(file).load(name) for name in open_pairs(file).names}
    rng = np.random.default_rng(0)
    directory = whole.index(b"PK\x01\x02")
    anywhere, in_the_directory = rng.integers(len(whole), size=100), rng.integers(directory, len(whole), size=200)
    noticed = 0
    for position in [*anywhere, *in_the_directory, *range(30)]:
        broken = bytearray(whole)
        broken[position] ^= 1 << rng.integers(8)
        file.write_bytes(broken)
        try:
            pairs = open_pairs(file)
            for name in pairs.names:
                for ours, theirs in zip(pairs.load(name), right[name], strict=True):
                    np.testing.assert_array_equal(ours, theirs)
        except MirnetError as error:
            assert str(file) in str(error)
            noticed += 1
    assert noticed > 150  # dates and the like may change unnoticed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "mirnet pairs 9"}, "its format is 'mirnet pairs 9', not 'mirnet pairs 1'"),
        ({"pairs": []}, "it holds no pair"),
        ({"pairs": [{"name": "00"}]}, "low"),
        ({"shrunk": "half"}, "half"),
        ({"held_out": None}, "None"),
    ],
)
def test_an_index_that_is_none(folder, tmp_path, change, message):
    file = tmp_path / "pairs.zip"
    pack(folder, file, scale=0.25)
    with zipfile.ZipFile(file) as whole:
        index = json.loads(whole.read("index.json")) | change
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("index.json", json.dumps(index))
    with pytest.raises(MirnetError, match=message):
        open_pairs(tmp_path / "other.zip")


def test_mistakes(folder, tmp_path, make_pairs):
    for changes, message in (
        ({"scale": 0.0}, "scale must be above 0 and at most 1, not 0.0"),
        ({"scale": 2.0}, "scale must be above 0"),
        ({"part": 0.0}, "part must be above 0 and at most 1, not 0.0"),
        ({"limit": 0}, "limit must be a number of bytes above 0, not 0"),
    ):
        with pytest.raises(MirnetError, match=message):
            pack(folder, tmp_path / "pairs.zip", **changes)
    with pytest.raises(MirnetError, match="is a folder; add a file name"):
        pack(folder, tmp_path)
    with pytest.raises(MirnetError, match="cannot be written, there is no folder"):
        pack(folder, tmp_path / "absent" / "pairs.zip", scale=0.5)
    with pytest.raises(MirnetError, match="there is no such file or folder"):
        open_pairs(tmp_path / "absent.zip")
    with pytest.raises(MirnetError, match="there is no pair 'x'"):
        pack(folder, tmp_path / "pairs.zip", scale=0.5)
        open_pairs(tmp_path / "pairs.zip").load("x")
