"""`enhance`: any size, bounded memory, tiles that agree with each other."""

from itertools import pairwise

import numpy as np
import pytest
from quick import quick

from model import ImageError, MIRNet, MIRNetConfig, MirnetError, enhance
from model.inference.tiling import OVERLAP, tile_side, tiles_of
from model.samples import load_sample
from model.zoo import seed_weights

EXACT = 2e-6
"""A compiled graph may add up in another order than single operators: a few float32 roundings of values near 1."""


@pytest.fixture(scope="module")
def net() -> MIRNet:
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
    seed_weights(net, seed=1)
    return net


def photo(height: int, width: int) -> np.ndarray:
    dark = load_sample("coffee")[0]
    repeats = -(-height // dark.shape[0]), -(-width // dark.shape[1])
    return np.tile(dark, (*repeats, 1))[:height, :width]


@pytest.mark.parametrize(("height", "width"), quick([(1, 1), (3, 7), (20, 24), (33, 50)], (1, 1), (33, 50)))
def test_any_size_comes_back_in_its_size_and_kind(net, height, width):
    image = photo(height, width)
    as_bytes, as_floats = enhance(net, image), enhance(net, image / 255)
    assert (as_bytes.shape, as_bytes.dtype) == (image.shape, np.uint8)
    assert (as_floats.shape, as_floats.dtype) == (image.shape, np.float32)
    np.testing.assert_allclose(as_bytes / 255, as_floats, atol=0.51 / 255)


def test_a_fitting_photo_gives_what_the_network_gives(net):
    image = photo(24, 32) / np.float32(255)
    ours = np.clip(np.asarray(net(image[None])[0]), 0, 1)
    np.testing.assert_allclose(enhance(net, image), ours, atol=EXACT)


def test_padding_mirrors_and_is_cropped_off(net):
    image = photo(22, 29) / np.float32(255)
    mirrored = np.pad(image, ((0, 2), (0, 3), (0, 0)), mode="reflect")
    np.testing.assert_allclose(enhance(net, image), enhance(net, mirrored)[:22, :29], atol=EXACT)


@pytest.mark.parametrize(
    ("height", "width", "side"), [(500, 300, 128), (132, 1000, 128), (88, 88, 128), (256, 260, 192)]
)
def test_tiles_cover_everything_with_overlap_and_one_size(height, width, side):
    tiles = tiles_of(height, width, side, step=4)
    count = np.zeros((height, width), int)
    for tile in tiles:
        count[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert count.min() == 1
    assert {(tile.bottom - tile.top, tile.right - tile.left) for tile in tiles} == {
        (min(side, height), min(side, width))
    }
    lefts = sorted({tile.left for tile in tiles})
    assert all(left + side - following >= min(OVERLAP, side // 2) for left, following in pairwise(lefts))


def fidelity(net, image, **options) -> float:
    """Decibels between what the network adds to the whole photo and what tiling changes about that."""
    whole = enhance(net, image, max_tile=4096)
    tiled = enhance(net, image, max_tile=128, **options)
    return 10 * np.log10(np.mean((whole - image) ** 2) / np.mean((tiled - whole) ** 2))


@pytest.mark.slow
def test_tiles_that_share_averages_stay_close_to_the_whole(net):
    image = photo(230, 300) / np.float32(255)
    # Halves of unequal brightness: a tile's own averages say something else than the whole picture's.
    image[:, 150:] = np.clip(image[:, 150:] * 6, 0, 1)
    shared, alone = fidelity(net, image), fidelity(net, image, share_averages=False)
    assert shared > 30
    assert shared > alone + 6


@pytest.mark.slow
def test_progress_counts_every_tile(net):
    seen = []
    enhance(net, photo(140, 200), max_tile=128, progress=lambda done, total: seen.append((done, total)))
    total = len(tiles_of(140, 200, 128, step=4))
    assert seen == [(done, total) for done in range(total + 1)]


def test_larger_networks_get_smaller_tiles():
    small, paper = MIRNetConfig(channels=8), MIRNetConfig()

    class Fake:
        def __init__(self, config):
            self.config = config

    assert tile_side(Fake(small)) > tile_side(Fake(paper)) >= 128


def test_bad_pictures_and_bad_weights_are_refused(net):
    with pytest.raises(ImageError, match=r"NaN|finite"):
        enhance(net, np.full((8, 8, 3), np.nan, "float32"))
    with pytest.raises(ImageError):
        enhance(net, np.zeros((8, 8), np.uint8))
    with pytest.raises(MirnetError, match="max_tile must be at least 16"):
        enhance(net, photo(8, 8), max_tile=8)
    broken = MIRNet(net.config)
    broken.set_weights([np.full(weight.shape, np.nan, "float32") for weight in net.get_weights()])
    with pytest.raises(MirnetError, match="not finite: are its weights"):
        enhance(broken, photo(8, 8))
