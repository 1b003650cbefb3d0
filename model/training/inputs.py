"""Training inputs from pairs of photos: batches, and pictures to validate the network on while it learns."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.data import PhotoFolder, split, unfit
from model.data.archive import Pairs
from model.data.batches import Batches
from model.data.crops import Crops, Frames
from model.data.matching import listed
from model.data.pixel_cache import PixelCache
from model.errors import MirnetError
from model.images.camera_formats import to_frame
from model.images.darken import Darkness, darken
from model.inference.tiling import enhance
from model.mirnet import MIRNet
from model.quality.metrics import psnr
from model.quality.view import as_the_board_sees
from model.training.recipe import Recipe

__all__ = ["TrainingInputs", "make_inputs"]

SMALL = 4
"""Validation pictures are measured at a quarter of their height and width: a sixteenth of the time at full size."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class TrainingInputs:
    """The data of one training.

    Attributes:
        batches: What the network learns from.
        validation: Dark and bright pictures, uint8, that it never learns from; empty if there are none.
        about: Entries of the run card on the data.
    """

    batches: Batches
    validation: tuple[tuple[np.ndarray, np.ndarray], ...]
    about: dict[str, Any]

    def validate(self, net: MIRNet) -> float:
        """The mean PSNR of a network over the validation pictures, in dB."""
        scores = [psnr(enhance(net, low), high, data_range=255) for low, high in self.validation]
        return float(np.mean(scores))


def make_inputs(
    recipe: Recipe, pairs: Pairs | None, photos: PhotoFolder | None = None, progress: Progress | None = None
) -> TrainingInputs:
    """Prepares the inputs of a training: decodes them once, splits them, leaves out unfit pairs.

    Args:
        recipe: The numbers of the training.
        pairs: Pairs of dark and bright photos; None to train on good photos alone.
        photos: Good photos to be made dark, if the recipe has a share for them; without pairs, that is all.
        progress: Called with (pictures done, pictures in all) while they are decoded for the first time.

    Raises:
        MirnetError: If a picture is broken or too small, or recipe and photos do not fit.
    """
    if (photos is None) != (recipe.photo_share == 0):
        raise MirnetError("good photos to be made dark need both a folder and a share: give --photos and --photo-share")
    if pairs is None and recipe.photo_share != 1:
        raise MirnetError("without pairs, good photos are made dark for every crop: give --photos, and a share of 1")
    scales = tuple(sorted({1, SMALL, *recipe.scales}))
    dark_and_bright = None if pairs is None else PixelCache(pairs, scales=scales, progress=progress)
    bright = None if photos is None else PixelCache(photos, scales=scales, progress=progress)
    if pairs is not None and dark_and_bright is not None:
        names, validation, about = _of_pairs(pairs, dark_and_bright, recipe.frame)
    else:
        assert photos is not None and bright is not None  # a share needs them
        names, validation, about = _of_photos(photos, bright, recipe.frame)
    common: dict[str, Any] = {
        "pairs": dark_and_bright,
        "names": names,
        "batch_size": recipe.batch,
        "seed": recipe.seed,
        "mixup": recipe.mixup,
        "photos": bright,
        "photo_share": recipe.photo_share,
        "exposure": recipe.exposure,
    }
    batches = Frames(**common) if recipe.frame else Crops(**common, size=recipe.crop, scales=recipe.scales)
    if photos is not None:
        known = {"name": photos.title, "sha256": photos.fingerprint, "photos": len(photos.names)}
        about["photos"] = known | about.get("photos", {})
    return TrainingInputs(batches, validation, about)


Pictures = tuple[tuple[np.ndarray, np.ndarray], ...]


def _of_pairs(pairs: Pairs, cache: PixelCache, frame: str) -> tuple[list[str], Pictures, dict[str, Any]]:
    """Names to train on, pictures to validate on, and entries of the run card."""
    parts = split(pairs)
    left_out = unfit(cache, parts.training)
    names = [name for name in parts.training if name not in left_out]
    if not names:
        reasons = listed(f"{name}: {reason}" for name, reason in left_out.items())
        raise MirnetError(
            f"{pairs.title}: no pair can be trained on ({reasons}); are dark and bright photos exchanged, or not of "
            "the same scenes?"
        )
    about = {
        "name": pairs.title,
        "sha256": pairs.fingerprint,
        "training_pairs": len(names),
        "validation_pairs": len(parts.validation),
        "split": parts.rule,
        "left_out": left_out,
    }
    return names, tuple(_seen(cache, name, frame) for name in parts.validation), {"data": about}


def _of_photos(photos: PhotoFolder, cache: PixelCache, frame: str) -> tuple[list[str], Pictures, dict[str, Any]]:
    """The same from good photos alone; those to validate on are made dark once, each in its own way."""
    parts = split(photos)
    about = {
        "training_photos": len(parts.training),
        "validation_photos": len(parts.validation),
        "split": parts.rule,
    }
    return list(parts.training), tuple(_darkened(cache, name, frame) for name in parts.validation), {"photos": about}


def _seen(cache: PixelCache, name: str, frame: str) -> tuple[np.ndarray, np.ndarray]:
    if frame:
        return as_the_board_sees(cache.picture(name, "low"), cache.picture(name, "high"))
    return cache.picture(name, "low", SMALL), cache.picture(name, "high", SMALL)


def _darkened(cache: PixelCache, name: str, frame: str) -> tuple[np.ndarray, np.ndarray]:
    """A photo made dark after it was shrunk, as for crops: noise is that of the pixels that the network sees."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if frame:
        high = to_frame(cache.picture(name, "high"))
        return darken(high, rng, Darkness.draw(rng, "yuv422")), high
    high = cache.picture(name, "high", SMALL)
    return darken(high, rng), high
