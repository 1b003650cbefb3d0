"""The split leaks nothing, has no chance in it, and is the published one for LOL; bad pairs are found by measuring."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from model.data import PairFolder, PixelCache, split, unfit
from model.data.splitting import fault
from model.errors import MirnetError
from model.images.photo_files import load_image, save_image

SHARED = {1: 0, 5: 4, 9: 4, 11: 2}  # these pairs share the bright photo of those
NEED_LOL = "needs the LOL pairs: MIRNET_LOL=folder with our485 and validation.txt"


@pytest.fixture
def lol(require) -> Path:
    root = os.environ.get("MIRNET_LOL")
    require(root and Path(root, "our485").is_dir(), NEED_LOL)
    return Path(root)


def bright_photos(folder: Path, names) -> set[str]:
    """The contents of the bright photos, read here and not by what is tested."""
    return {hashlib.sha256((folder / "high" / f"{name}.png").read_bytes()).hexdigest() for name in names}


@pytest.mark.parametrize("count", [4, 12, 24, 36])
def test_no_bright_photo_is_on_both_sides(make_pairs, count):
    same = {number: other for number, other in SHARED.items() if number < count}
    folder = make_pairs(count, same=same)
    parts = split(PairFolder(folder))
    assert set(parts.training) | set(parts.validation) == set(PairFolder(folder).names)
    assert not set(parts.training) & set(parts.validation)
    assert not bright_photos(folder, parts.training) & bright_photos(folder, parts.validation)
    # From 12 on the pictures repeat: a group has up to 8 members, and the last one may go over the seventh.
    assert count / 7 <= len(parts.validation) < count / 7 + 9


def test_rule_is_the_order_of_the_hashes(make_pairs):
    """Written out once more: groups by SHA-256, whole, until a seventh."""
    folder = make_pairs(12, same=SHARED)
    hashes = {name: min(bright_photos(folder, [name])) for name in PairFolder(folder).names}
    expected: set[str] = set()
    for digest in sorted(set(hashes.values())):
        if len(expected) < 12 / 7:
            expected |= {name for name in hashes if hashes[name] == digest}
    assert set(split(PairFolder(folder)).validation) == expected


def test_names_do_not_decide(make_pairs, tmp_path):
    folder = make_pairs(12)
    before = bright_photos(folder, split(PairFolder(folder)).validation)
    for side in ("low", "high"):
        for file in sorted((folder / side).iterdir()):
            file.rename(file.with_name(f"x{99 - int(file.stem)}.png"))
    assert bright_photos(folder, split(PairFolder(folder)).validation) == before


@pytest.mark.parametrize("place", ["set", "."])
def test_a_list_of_names_decides(make_pairs, tmp_path, place):
    folder = make_pairs(12, same=SHARED)
    (tmp_path / place / "validation.txt").write_text("03\n04\n09\n05\n")
    parts = split(PairFolder(folder))
    assert parts.validation == ("03", "04", "05", "09")
    assert parts.rule == "validation.txt"
    assert len(parts.training) == 8


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("04\n05\n", "04 is held out and 09 is not, but their bright photos are the same"),
        ("03\n77\n", "names pairs that .* lacks: 77"),
        ("\n".join(f"{number:02}" for number in range(12)), "nothing is left to train on"),
    ],
)
def test_a_list_that_leaks_or_does_not_fit(make_pairs, names, message):
    folder = make_pairs(12, same=SHARED)
    (folder / "validation.txt").write_text(names)
    with pytest.raises(MirnetError, match=message):
        split(PairFolder(folder))


def test_one_scene_cannot_be_split(make_pairs):
    with pytest.raises(MirnetError, match="needs two different bright photos"):
        split(PairFolder(make_pairs(3, same={1: 0, 2: 0})))


def test_unfit_pairs_are_found_by_measuring(make_pairs, bright, tmp_path):
    folder = make_pairs(6)
    save_image(folder / "low" / "01.png", (bright[1] * 0.7).astype(np.uint8))  # hardly dark
    save_image(folder / "low" / "02.png", (bright[6][::-1, ::-1] * 0.1).astype(np.uint8))  # another scene
    save_image(folder / "low" / "03.png", np.zeros_like(bright[3]))  # nothing at all
    save_image(folder / "low" / "04.png", (bright[4] * 0.5).astype(np.uint8))  # dark enough
    cache = PixelCache(PairFolder(folder), tmp_path / "cache")
    reasons = unfit(cache, cache.names)
    assert set(reasons) == {"01", "02", "03"}
    assert reasons["01"] == "low is 0.70 times as bright as high"
    assert "correlate by" in reasons["02"]
    assert reasons["03"] == "low and high correlate by 0.00 only"


def test_noise_alone_is_no_fault(bright):
    """A quarter of the size averages it away; at full size the darkest pairs of LOL would fail by noise."""
    rng = np.random.default_rng(0)
    high = bright[0]
    low = np.clip(high * 0.05 + rng.normal(0, 2, high.shape), 0, 255).astype(np.uint8)
    assert fault(low, high) is None


def test_lol_split_is_the_published_list(lol):
    pairs = PairFolder(lol / "our485")
    listed = tuple(sorted((lol / "validation.txt").read_text().split()))
    assert split(pairs).validation == listed
    assert (len(listed), len(split(pairs).training)) == (70, 415)
    pairs.__dict__["held_out"] = None  # as if the list were not there: the rule alone gives it
    assert split(pairs).validation == listed
    assert split(pairs).rule != "validation.txt"


def test_lol_has_the_traps_that_are_known(lol):
    """Too bright: 328, 330, 344, 450, 460, 590, 591; misaligned, noise aside: 142, 237, 648. All ordinary else."""
    from model.images.camera_formats import resize

    pairs = PairFolder(lol / "our485")
    odd = ["328", "330", "344", "450", "460", "590", "591", "142", "237", "648"]
    for name in [*odd, *pairs.names[::40]]:
        low, high = (resize(side, 100, 150) for side in pairs.load(name))
        assert (fault(low, high) is not None) == (name in odd), name
    digests = [high for _, high in pairs.digests.values()]
    assert sum(digests.count(digest) > 1 for digest in set(digests)) == 66


def test_lol_files_load(lol):
    low, high = PairFolder(lol / "our485").load("28")
    assert low.shape == high.shape == (400, 600, 3)
    np.testing.assert_array_equal(high, load_image(lol / "our485" / "high" / "28.jpg"))
