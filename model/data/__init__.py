"""Training data: pairs from folders or files, their split, a cache of their pixels, and batches cut out of it.

    pairs = open_pairs("lol/our485")             # a folder, two, or one file made by `mirnet data pack`
    parts = split(pairs)                         # parts.training, parts.validation: names
    cache = PixelCache(pairs)                    # decoded once, mapped into memory ever after
    names = [name for name in parts.training if name not in unfit(cache, parts.training)]
    crops = Crops(pairs=cache, names=names, size=128, batch_size=16, seed=0)
    low, high = crops.batch(0)                   # (16, 128, 128, 3) float32 in [0, 1]; the same for the same step

NumPy and Pillow only, so any Keras backend can train on it.
"""

from pathlib import Path

from model.data.archive import PackedPairs, Pairs
from model.data.batches import MIXUP
from model.data.crops import Crops, Frames
from model.data.pairs import PairFolder, PhotoFolder
from model.data.pixel_cache import PixelCache
from model.data.splitting import Split, fault, split, unfit
from model.safety.whole_files import PathLike, default_cache

__all__ = [
    "MIXUP",
    "Crops",
    "Frames",
    "PackedPairs",
    "PairFolder",
    "PairSource",
    "PhotoFolder",
    "PixelCache",
    "Split",
    "default_cache",
    "fault",
    "open_pairs",
    "split",
    "unfit",
]


PairSource = PathLike | tuple[PathLike, PathLike]
"""Where pairs are: one path, or two: of the dark and of the bright photos."""


def open_pairs(source: PairSource) -> Pairs:
    """Pairs of dark and bright photos, from a folder that holds both kinds, from two folders, or from one file.

    Args:
        source: A folder that holds two, called as in `model.data.matching.SIDES`, such as `low` and `high`; or a file
            that `mirnet data pack` wrote; or two folders, of the dark and of the bright photos; or one photo of each.

    Returns:
        The pairs, with `names`, sorted, and `load(pair)`, both pictures of one as (height, width, 3) uint8.

    Raises:
        MirnetError: If there is no such thing, or it is broken.
    """
    if isinstance(source, tuple):
        return PairFolder(*source)
    return PairFolder(source) if Path(source).is_dir() else PackedPairs(source)
