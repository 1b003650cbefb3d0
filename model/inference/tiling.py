"""Enhancing a photograph of any size in bounded memory.

A network of three streams takes sizes that are multiples of 4: others are mirrored at the border and cropped back.
A large photo goes through in overlapping tiles, blended across the overlap. One thing then needs care: SKFF and
channel attention average over the *whole* picture to decide about all of it. A tile that averages only itself
decides for itself, and neighbouring tiles disagree. So the averages are taken once, from a reduced copy of the whole
picture, and handed to every tile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model.errors import MirnetError
from model.images.arrays import as_float, as_uint8
from model.inference.compiled import CompiledNet
from model.mirnet import MIRNet

__all__ = ["Tile", "enhance", "tile_side", "tiles_of"]

WORKING_MEMORY = 1 << 30
"""Bytes that the feature maps of one tile may take."""

LIVE_MAPS = 34
"""Full-resolution feature maps alive at once, measured as peak memory over height x width x channels x 4 bytes."""

STEM_FLOATS = 24
"""With a stem the feature maps are small; then what counts is the photo itself, companded and after space-to-depth."""

OVERLAP = 96
"""Pixels that neighbouring tiles share: two margins, and between them the width over which they blend."""

MARGIN = 32
"""Pixels at a tile's inner border that are thrown away: its convolutions had zero padding there, no neighbour."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Tile:
    """A part of a photo, in pixels: rows `top` to `bottom`, columns `left` to `right`, the ends not included."""

    top: int
    left: int
    bottom: int
    right: int


def enhance(
    net: MIRNet,
    image: np.ndarray,
    *,
    max_tile: int | None = None,
    share_averages: bool = True,
    progress: Progress | None = None,
) -> np.ndarray:
    """Restores one photo of any size.

    Args:
        net: The network.
        image: (height, width, 3), uint8 or floating point within [0, 1].
        max_tile: Longest side of a tile in pixels; by default as large as 1 GB of feature maps allows. A photo
            within one tile runs whole.
        share_averages: Whether all tiles use the averages of the whole photo (see above), or each its own.
        progress: Called with (tiles done, tiles in all) as tiles finish.

    Returns:
        Same shape and kind, uint8, or float32 clipped to [0, 1].

    Raises:
        ImageError: If the image is not a picture: another shape or type, NaN, values outside the range.
        MirnetError: If `max_tile` is too small, or the network gives values that are not finite.
    """
    pixels = as_float(image)
    height, width = pixels.shape[:2]
    side = tile_side(net) if max_tile is None else max_tile
    least = 4 * net.config.multiple
    if side < least:
        raise MirnetError(f"max_tile must be at least {least} pixels, not {side}")
    report = progress or (lambda done, total: None)
    padded = _padded(pixels, net.config.multiple)
    if height <= side and width <= side:
        report(0, 1)
        enhanced = _runner(net).on(padded[None])[0][0]
        report(1, 1)
    else:
        enhanced = _tiled(net, padded, side - side % net.config.multiple, share_averages, report)
    enhanced = enhanced[:height, :width]
    if not np.isfinite(enhanced).all():
        raise MirnetError("the network's output is not finite: are its weights (NaN or far too large values)?")
    return as_uint8(enhanced) if image.dtype == np.uint8 else np.clip(enhanced, 0, 1, dtype="float32")


def tile_side(net: MIRNet) -> int:
    """The side in pixels of the largest square tile whose feature maps fit the working memory."""
    stem = net.config.stem
    floats = LIVE_MAPS * net.config.channels / stem**2 + (STEM_FLOATS if stem > 1 else 0)  # for each pixel
    pixels = WORKING_MEMORY / (4 * floats)
    return max(int(pixels**0.5) // 64 * 64, 128)


def tiles_of(height: int, width: int, side: int, step: int) -> list[Tile]:
    """Tiles of equal size that cover a picture, each overlapping its neighbours by `OVERLAP` pixels or more.

    Equal sizes matter, since the network is compiled for each size; so does where tiles begin, since the lower
    streams keep every second and every fourth pixel, counted from there.

    Args:
        height: Of the picture, a multiple of `step`.
        width: Likewise.
        side: The longest side of a tile, a multiple of `step`.
        step: Tiles begin at multiples of it.
    """
    return [
        Tile(top, left, top + min(side, height), left + min(side, width))
        for top in _starts(height, side, step)
        for left in _starts(width, side, step)
    ]


def _starts(length: int, side: int, step: int) -> list[int]:
    """Where tiles begin along one axis, evenly spread from 0 to `length - side`."""
    if length <= side:
        return [0]
    stride = (side - min(OVERLAP, side // 2)) // step * step
    count = 1 + -(-(length - side) // stride)
    return [(k * (length - side) // (count - 1)) // step * step for k in range(count)]


@lru_cache(maxsize=8)  # each holds a graph, and keeps its network alive
def _runner(net: MIRNet, read: tuple[str, ...] = (), replace: tuple[str, ...] = ()) -> CompiledNet:
    """The compiled network, for images of any size."""
    return CompiledNet(net, read, replace)


def _padded(pixels: np.ndarray, multiple: int) -> np.ndarray:
    """Mirrored below and to the right until height and width are multiples of `multiple`."""
    bottom, right = (-size % multiple for size in pixels.shape[:2])
    return np.pad(pixels, ((0, bottom), (0, right), (0, 0)), mode="reflect") if bottom or right else pixels


def _tiled(net: MIRNet, pixels: np.ndarray, side: int, share_averages: bool, report: Progress) -> np.ndarray:
    given = _averages(net, pixels, side) if share_averages else {}
    run = _runner(net, replace=tuple(given))
    height, width = pixels.shape[:2]
    tiles = tiles_of(height, width, side, step=net.config.multiple)
    total = np.zeros_like(pixels)
    weight = np.zeros((height, width, 1), "float32")
    report(0, len(tiles))
    for done, tile in enumerate(tiles, 1):
        here = np.s_[tile.top : tile.bottom, tile.left : tile.right]
        counts = _weight(tile, height, width)
        total[here] += run.on(pixels[here][None], given)[0][0] * counts
        weight[here] += counts
        report(done, len(tiles))
    total /= weight
    return total


def _weight(tile: Tile, height: int, width: int) -> np.ndarray:
    """(rows, columns, 1): how much a tile counts; 1 inside and at the photo's border, 0 within an inner margin."""
    rows = _ramp(tile.top, tile.bottom, height)
    columns = _ramp(tile.left, tile.right, width)
    return (rows[:, None] * columns[None])[..., None]


def _ramp(begin: int, end: int, length: int) -> np.ndarray:
    overlap = min(OVERLAP, (end - begin) // 2)
    margin = overlap * MARGIN / OVERLAP
    from_begin = np.arange(end - begin) + 0.5
    ramps = np.ones(end - begin)
    if begin > 0:
        ramps = np.minimum(ramps, (from_begin - margin) / (overlap - 2 * margin))
    if end < length:
        ramps = np.minimum(ramps, (from_begin[::-1] - margin) / (overlap - 2 * margin))
    return np.clip(ramps, 0, 1).astype("float32")


def _averages(net: MIRNet, pixels: np.ndarray, side: int) -> dict[str, np.ndarray]:
    """Every descriptor of the network (an average over the picture), from a reduced copy of the whole picture."""
    names = tuple(name for name in net.hook_names if name.endswith("/descriptor"))
    reduced = _padded(_reduced(pixels, side), net.config.multiple)
    return _runner(net, read=names).on(reduced[None])[1]


def _reduced(pixels: np.ndarray, side: int) -> np.ndarray:
    """Smaller by an integer factor, each pixel the mean of a square, so that both sides fit `side`."""
    factor = -(-max(pixels.shape[:2]) // side)
    height, width = (max(size // factor, 1) for size in pixels.shape[:2])
    columns = min(factor, pixels.shape[1])
    # Band by band: a mean over the whole photo at once would hold a second copy of it.
    bands = (pixels[row * factor : (row + 1) * factor, : width * columns] for row in range(height))
    return np.stack([band.reshape(len(band), width, columns, 3).mean(axis=(0, 2)) for band in bands])
