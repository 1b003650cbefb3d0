"""Training batches: the same for the same step, aligned, turned, mixed as said, and as fast as said."""

import dataclasses
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from model.data import Crops, Frames, PairFolder, PhotoFolder, PixelCache
from model.errors import MirnetError
from model.images.camera_formats import rgb_to_yuv422, to_frame, yuv422_to_rgb
from model.images.photo_files import save_image

ROOT = Path(__file__).parents[3]
# A picture scaled down in two steps instead of one differs by this much of 255 in the mean.
TWO_STEPS = 1.0
# 16 crops of 128² take 13 ms of one core of a plain computer; this leaves room for a slow and busy one.
MAX_CPU_SECONDS = 0.2


@pytest.fixture(scope="module")
def coordinates(tmp_path_factory) -> PixelCache:
    """Pairs whose pixels say where they are: red is the row, green the column, blue the pair; low is 255 - high."""
    folder = tmp_path_factory.mktemp("coordinates")
    for side in ("low", "high"):
        (folder / "set" / side).mkdir(parents=True)
    row, column = np.mgrid[0:120, 0:160]
    for number in range(5):
        high = np.stack([row, column, np.full_like(row, 10 * number)], axis=-1).astype(np.uint8)
        save_image(folder / "set" / "high" / f"{number}.png", high)
        save_image(folder / "set" / "low" / f"{number}.png", 255 - high)
    return PixelCache(PairFolder(folder / "set"), folder / "cache")


@pytest.fixture
def photos(tmp_path, bright) -> PixelCache:
    (tmp_path / "photos").mkdir()
    for number, picture in enumerate(bright[:3]):
        save_image(tmp_path / "photos" / f"{number}.png", picture)
    return PixelCache(PhotoFolder(tmp_path / "photos"), tmp_path / "photo-cache")


def crops(cache: PixelCache, **changes) -> Crops:
    return Crops(
        **{"pairs": cache, "names": cache.names, "size": 24, "batch_size": 8, "scales": (1,), "mixup": 0.0} | changes
    )


def as_bytes(batch) -> list[np.ndarray]:
    return [np.rint(side * 255).astype(int) for side in batch]


def test_shape_range_and_dtype(coordinates):
    for made in (crops(coordinates, mixup=1.2), Frames(pairs=coordinates, names=coordinates.names, batch_size=3)):
        low, high = made.batch(0)
        expected = (8, 24, 24, 3) if isinstance(made, Crops) else (3, 120, 160, 3)
        assert low.shape == high.shape == expected
        assert low.dtype == high.dtype == np.float32
        assert 0 <= min(low.min(), high.min())
        assert max(low.max(), high.max()) <= 1


def test_low_and_high_show_the_same_place(coordinates):
    for step in range(10):
        low, high = as_bytes(crops(coordinates).batch(step))
        np.testing.assert_array_equal(low + high, 255)


def test_a_crop_is_a_square_of_neighbours(coordinates):
    """Rows and columns change by one along the sides, in all eight orientations, and not diagonally."""
    orientations = set()
    for step in range(12):
        for square in as_bytes(crops(coordinates).batch(step))[1]:
            down, right = square[1, 0] - square[0, 0], square[0, 1] - square[0, 0]
            orientations.add((*down[:2], *right[:2]))
            size = np.arange(24)
            expected = square[0, 0] + size[:, None, None] * down + size[None, :, None] * right
            np.testing.assert_array_equal(square, expected)
    straight = set(itertools.product((1, -1), (0,), (0,), (1, -1)))
    transposed = set(itertools.product((0,), (1, -1), (1, -1), (0,)))
    assert orientations == straight | transposed


def test_crops_reach_every_corner(coordinates):
    squares = np.concatenate([as_bytes(crops(coordinates).batch(step))[1] for step in range(200)])
    assert squares[..., 0].min() == squares[..., 1].min() == 0
    assert (squares[..., 0].max(), squares[..., 1].max()) == (119, 159)


def test_every_pair_once_an_epoch(coordinates):
    made = crops(coordinates, batch_size=2)
    seen = [square[0, 0, 2] // 10 for step in range(10) for square in as_bytes(made.batch(step))[1]]
    epochs = [seen[start : start + 5] for start in range(0, 20, 5)]
    assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in epochs)
    assert len(set(map(tuple, epochs))) > 1


def test_only_the_names_given_are_used(coordinates):
    made = crops(coordinates, names=("1", "3"))
    seen = {square[0, 0, 2] // 10 for step in range(5) for square in as_bytes(made.batch(step))[1]}
    assert seen == {1, 3}


def test_a_step_has_its_batch_whatever_came_before(coordinates, photos):
    for kind in (Crops, Frames):
        settings = {"pairs": coordinates, "names": coordinates.names, "photos": photos, "batch_size": 4}
        settings |= {"size": 24} if kind is Crops else {}
        made = kind(**settings)
        in_turn = [made.batch(step) for step in range(4)]
        again = kind(**settings).batch(3)
        for first, second in zip(in_turn[3], again, strict=True):
            np.testing.assert_array_equal(first, second)
        assert not np.array_equal(in_turn[3][1], in_turn[2][1])
        assert not np.array_equal(again[1], kind(**settings, seed=1).batch(3)[1])


SUM = """
import sys, zlib
from model.data import *
cache = PixelCache(PairFolder(sys.argv[1]), sys.argv[2])
low, high = Crops(pairs=cache, names=cache.names, size=32, batch_size=4, seed=5).batch(1000)
print(zlib.crc32(low.tobytes()), zlib.crc32(high.tobytes()))
"""


def test_another_process_gives_the_same_batch(make_pairs, tmp_path):
    command = [sys.executable, "-c", SUM, str(make_pairs(4)), str(tmp_path / "cache")]
    first, second = (
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)
    )
    assert first == second != ""


def test_scales(coordinates):
    """At scale 2, neighbours are two rows of the picture apart; a picture too small for a scale uses a finer one."""
    at_two = as_bytes(crops(coordinates, scales=(2,)).batch(0))[1]
    # Away from the border, where Lanczos has no neighbours to weigh and bytes are rounded twice.
    steps = np.abs(np.diff(at_two[:, 4:-4, 4:-4, :2].astype(int), axis=1)).max(axis=-1)
    assert np.median(steps) == 2
    sizes = {cache_scale: 0 for cache_scale in (1, 2, 4)}
    for square in np.concatenate([as_bytes(crops(coordinates, scales=(1, 2, 4)).batch(step))[1] for step in range(40)]):
        sizes[int(np.median(np.abs(np.diff(square[4:-4, 4:-4, :2], axis=0)).max(axis=-1)))] += 1
    assert min(sizes.values()) > 320 / 5  # a third each
    large = crops(coordinates, size=100, scales=(1, 2, 4))  # only the full size has room for it
    low, high = as_bytes(large.batch(0))
    np.testing.assert_array_equal(low + high, 255)


def test_mixup_is_one_weight_for_low_and_high(coordinates):
    """Low is 1 - high in these pairs, and stays so if both are mixed alike; the weights spread as Beta(1.2, 1.2)."""
    made = crops(coordinates, size=24, mixup=1.2, batch_size=16)
    plain = dataclasses.replace(made, mixup=0.0)
    mixtures = []
    for step in range(40):
        low, high = made.batch(step)
        np.testing.assert_allclose(low + high, 1, atol=1e-6)
        pure = plain.batch(step)[1]
        # Blue says which pair it was: 10 · number. A mixture of two different ones tells its weight.
        blue, own = high[:, 0, 0, 2] * 255 / 10, np.rint(pure[:, 0, 0, 2] * 255 / 10)
        mixtures += [mixed % 1 for mixed, number in zip(blue, own, strict=True) if abs(mixed - number) > 1e-3]
    assert len(mixtures) > 300  # most are mixed with another pair
    assert np.histogram(mixtures, bins=4, range=(0, 1))[0].min() > len(mixtures) / 8  # of all weights
    np.testing.assert_array_equal(dataclasses.replace(made, mixup_after=41).batch(40)[1], plain.batch(40)[1])


def test_dark_photos_are_their_share(coordinates, photos):
    made = crops(coordinates, photos=photos, photo_share=0.5, batch_size=16)
    low, high = made.batch(0)
    made_dark = [not np.allclose(a + b, 1, atol=1e-6) for a, b in zip(low, high, strict=True)]
    assert 3 <= sum(made_dark) <= 13
    for dark, bright_one, darkened in zip(low, high, made_dark, strict=True):
        if darkened:
            assert dark.mean() < bright_one.mean() / 2
    low, high = dataclasses.replace(made, photo_share=0.0).batch(0)
    np.testing.assert_allclose(low + high, 1, atol=1e-6)


def test_frames_are_what_the_board_sees(coordinates, make_pairs, tmp_path):
    """Without zoom or mirrors, a frame is the whole height through YUV 4:2:2; with them it is a part of it."""
    pairs = PairFolder(make_pairs(2))
    cache = PixelCache(pairs, tmp_path / "cache", scales=(1,))
    made = Frames(pairs=cache, names=("00",), batch_size=8, zoom=1.0, mixup=0.0, rows=40, columns=60)
    lows, highs = as_bytes(made.batch(0))
    dark, bright_one = (to_frame(side, 40, 60) for side in pairs.load("00"))  # 96 x 144: nothing is cut
    mirrorings = [(slice(None, None, down), slice(None, None, right)) for down in (1, -1) for right in (1, -1)]
    found = set()
    for low, high in zip(lows, highs, strict=True):
        mirrored = next(each for each in mirrorings if np.abs(high - bright_one[each]).max() <= 1)
        found.add(mirrorings.index(mirrored))
        # Lanczos in a box that ends a rounding error off may give another last bit.
        expected = yuv422_to_rgb(rgb_to_yuv422(np.ascontiguousarray(dark[mirrored]))).astype(int)
        assert (np.abs(low - expected) > 2).mean() < 0.01
    assert len(found) > 1


def test_a_frame_from_a_smaller_copy_is_nearly_the_same(bright, tmp_path):
    folder = tmp_path / "big"
    for side in ("low", "high"):
        (folder / side).mkdir(parents=True)
        save_image(folder / side / "a.png", bright[0])
    pairs = PairFolder(folder)
    direct = PixelCache(pairs, tmp_path / "cache", scales=(1,))
    copies = PixelCache(pairs, tmp_path / "cache", scales=(1, 2))
    settings = {"names": ("a",), "batch_size": 6, "rows": 30, "columns": 40, "mixup": 0.0, "camera": "rgb"}
    one, two = (Frames(pairs=cache, **settings).batch(0)[1] for cache in (direct, copies))
    difference = np.abs(one - two) * 255
    assert 0 < difference.mean() < TWO_STEPS


def test_frames_zoom_within_the_picture(coordinates):
    made = Frames(pairs=coordinates, names=coordinates.names, batch_size=8, zoom=0.5, mixup=0.0, camera="rgb")
    for low, high in zip(*as_bytes(made.batch(0)), strict=True):
        np.testing.assert_allclose(low + high, 255, atol=1)
        height = np.ptp(high[:, 80, 0])
        width = np.ptp(high[60, :, 1])
        assert 0.5 * 119 - 2 <= height <= 119
        assert width / height == pytest.approx(160 / 120, rel=0.06)  # not stretched


def test_camera_of_crops(coordinates):
    low, high = as_bytes(crops(coordinates, camera="yuv422").batch(0))
    plain = as_bytes(crops(coordinates).batch(0))
    np.testing.assert_array_equal(high, plain[1])
    for through, before in zip(low, plain[0], strict=True):
        np.testing.assert_array_equal(through, yuv422_to_rgb(rgb_to_yuv422(before.astype(np.uint8))))


def test_it_is_fast_enough(tmp_path, bright):
    """Cutting a batch must not cost what training on it costs (0.1 to several seconds on a CPU)."""
    folder = tmp_path / "set"
    large = np.tile(bright[0], (4, 4, 1))  # 384 x 576, about LOL's size
    for side in ("low", "high"):
        (folder / side).mkdir(parents=True)
        save_image(folder / side / "a.png", large)
    cache = PixelCache(PairFolder(folder), tmp_path / "cache")
    made = Crops(pairs=cache, names=("a",), size=128, batch_size=16, scales=(1, 2))
    made.batch(0)
    spent = []
    for step in range(3):
        start = time.process_time()
        made.batch(step)
        spent.append(time.process_time() - start)
    assert min(spent) < MAX_CPU_SECONDS


def test_keras_stays_out():
    command = [
        sys.executable,
        "-c",
        "import sys, model.data, model.data.archive_writer; "
        "print([m for m in sys.modules if m in ('keras', 'tensorflow')])",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, not 0"),
        ({"seed": -1}, "must not be negative"),
        ({"mixup": -0.5}, "must not be negative"),
        ({"photo_share": 1.5}, "photo_share must be from 0 to 1"),
        ({"camera": "raw"}, "unknown camera format 'raw'"),
        ({"names": ()}, "at least one"),
        ({"names": ("1", "moon")}, "unknown: moon"),
        ({"size": 0}, "size must be at least 1"),
        ({"size": 121}, "size 121 is larger than 0, 160 × 120 at scale 1"),
        ({"size": 61, "scales": (2,)}, "80 × 60 at scale 2"),
        ({"scales": (1, 3)}, r"scales must be some of the cache's \(1, 2, 4\), not \(1, 3\)"),
        ({"scales": ()}, "scales must be some of"),
        ({"size": 25, "camera": "yuv422"}, "size must be even for yuv422"),
    ],
)
def test_mistakes_of_crops(coordinates, changes, message):
    with pytest.raises(MirnetError, match=message):
        crops(coordinates, **changes)


def test_good_photos_alone(photos):
    """Every crop is of a photo made dark; in an epoch each photo has its turn, and held-out ones have none."""
    names = photos.names[:2]
    made = Crops(pairs=None, photos=photos, names=names, size=96, batch_size=2, scales=(1,), mixup=0.0, seed=3)
    seen = []
    for step in range(4):
        low, high = as_bytes(made.batch(step))
        assert low.mean() < high.mean() / 1.5
        for picture in high:
            inside = [
                name
                for name in photos.names
                if set(map(bytes, picture.astype(np.uint8).reshape(-1, 3)))
                <= set(map(bytes, photos.picture(name).reshape(-1, 3)))
            ]
            seen += inside
    assert sorted(seen) == sorted(names * 4)
    np.testing.assert_array_equal(made.batch(1), made.batch(1))


def test_without_pairs_or_photos_there_is_nothing(photos):
    with pytest.raises(MirnetError, match="give pairs to train on, or good photos"):
        Crops(pairs=None, names=("0",), size=24)
    with pytest.raises(MirnetError, match="unknown: moon"):
        Crops(pairs=None, photos=photos, names=("moon",), size=24)


def test_mistakes_of_frames(coordinates, photos):
    for changes, message in (({"zoom": 0.0}, "zoom must be above 0"), ({"rows": 0}, "rows and columns")):
        with pytest.raises(MirnetError, match=message):
            Frames(pairs=coordinates, names=coordinates.names, **changes)
    with pytest.raises(MirnetError, match="pairs must hold low and high"):
        Crops(pairs=photos, names=photos.names, size=24)
