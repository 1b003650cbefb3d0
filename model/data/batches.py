"""Training batches: the batch of step k depends on the seed and on k only, so training resumes exactly where it was.

`model.data.crops` has the two kinds: `Crops` cuts squares out of pairs, for networks that work on any size; `Frames`
makes whole frames of the board's camera. Both are endless: `crops.batch(k)` is the batch of step k, for any k.

**Augmentation.** The authors train on random squares in one of eight orientations (rotated and flipped), and mix two
samples of a batch from the sixth epoch on (MixUp with weights from Beta(1.2, 1.2), a new one for each sample):
utils/dataset_utils.py and train_denoising.py in https://github.com/swz30/MIRNet. MixUp: Zhang et al., ICLR 2018,
https://arxiv.org/abs/1710.09412.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.data.pixel_cache import PixelCache
from model.errors import MirnetError
from model.images.darken import Darkness, check_camera, darken, through_camera

__all__ = ["MIXUP", "Batches"]

MIXUP = 1.2
"""The authors' Beta(1.2, 1.2): any mixture is about as likely, both pure ends a little less so."""


@dataclass(frozen=True, kw_only=True)
class Batches:
    """What crops and frames have in common.

    Attributes:
        pairs: The pixels of the pairs; None to train on good photos alone.
        names: Which of them to train on (`split(...).training` without `unfit(...)`); without pairs, which photos.
        batch_size: Samples in a batch.
        seed: Which random choices.
        mixup: The parameter a of Beta(a, a) for the weights of MixUp; 0 for none.
        mixup_after: Steps before MixUp begins; the authors wait five epochs.
        photos: The pixels of good photos that are made dark for more pairs (`PhotoFolder`); None for none.
        photo_share: How many of the samples are such photos, 0 to 1. Without pairs, all are.
        camera: The format that the dark pictures go through: "rgb" (none), "yuv422" or "rgb565".
        exposure: Dark pictures of pairs are made brighter or darker at random by up to so many stops (factors of 2),
            and their partners are left alone. LOL itself has many a scene with several exposures and one answer; more
            of them keep a network from learning each scene's exposure by heart.
    """

    pairs: PixelCache | None
    names: Sequence[str]
    batch_size: int = 16
    seed: int = 0
    mixup: float = MIXUP
    mixup_after: int = 0
    photos: PixelCache | None = None
    photo_share: float = 0.25
    camera: str = "rgb"
    exposure: float = 0.0

    def __post_init__(self):
        if self.batch_size < 1:
            raise MirnetError(f"batch_size must be at least 1, not {self.batch_size!r}")
        if self.seed < 0 or self.mixup < 0 or self.mixup_after < 0 or self.exposure < 0:
            raise MirnetError("seed, mixup, mixup_after and exposure must not be negative")
        if not 0 <= self.photo_share <= 1:
            raise MirnetError(f"photo_share must be from 0 to 1, not {self.photo_share!r}")
        check_camera(self.camera)
        source = self.pairs or self.photos
        if source is None:
            raise MirnetError("give pairs to train on, or good photos to be made dark")
        unknown = [name for name in self.names if name not in source.names]
        if not self.names or unknown:
            raise MirnetError(
                f"names must be pairs of the cache, at least one; unknown: {', '.join(unknown) or 'none'}"
            )
        if self.pairs is not None and self.pairs.sides != ("low", "high"):
            raise MirnetError("pairs must hold low and high pictures; a folder of good photos is for `photos`")

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of one step.

        Args:
            step: Number of the step, from 0.

        Returns:
            low and high, each (batch, height, width, 3) float32 in [0, 1].
        """
        rng = np.random.default_rng([self.seed, step])
        # (low or high, batch, height, width, 3) in bytes: samples are cut and turned as bytes, a quarter of the work
        pixels = np.empty((2, self.batch_size, *self._shape(), 3), np.uint8)
        for index, name in enumerate(self._names_of(step)):
            pixels[:, index] = self._sample(name, rng)
        low, high = np.divide(pixels, np.float32(255), dtype=np.float32)
        if self.mixup > 0 and step >= self.mixup_after:
            return self._mixed(low, high, rng)
        return low, high

    def _names_of(self, step: int) -> list[str]:
        """Whose turn it is: in every epoch each pair once, in an order of its own."""
        total, orders, names = len(self.names), {}, []
        for turn in range(step * self.batch_size, (step + 1) * self.batch_size):
            epoch = turn // total
            if epoch not in orders:
                # Another stream of numbers than any step's: those are made of two numbers, this of three.
                orders[epoch] = np.random.default_rng([self.seed, epoch, 1]).permutation(total)
            names.append(self.names[orders[epoch][turn % total]])
        return names

    def _sample(self, name: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The dark and the bright picture of a pair; or, at random, a good photo made dark, and itself."""
        if self.pairs is not None and (self.photos is None or rng.random() >= self.photo_share):
            low, high = self._view(self.pairs, name, rng)
            return through_camera(self._exposed(low, rng), self.camera), high
        photos = self.photos
        assert photos is not None  # without pairs there are photos
        chosen = name if self.pairs is None else photos.names[rng.integers(len(photos.names))]
        (high,) = self._view(photos, chosen, rng)
        return darken(high, rng, Darkness.draw(rng, self.camera)), high

    def _exposed(self, low: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A dark picture in another light, uint8; fractions become noise, since rounding would leave bands."""
        if not self.exposure:
            return low
        factor = np.float32(2 ** rng.uniform(-self.exposure, self.exposure))
        return np.minimum(low * factor + rng.random(low.shape, np.float32), 255).astype(np.uint8)

    def _mixed(self, low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Each sample mixed with another of the batch, dark with dark and bright with bright by the same weight."""
        weight = rng.beta(self.mixup, self.mixup, (self.batch_size, 1, 1, 1)).astype(np.float32)
        other = rng.permutation(self.batch_size)
        for side in (low, high):
            difference = side[other]
            difference -= side
            difference *= 1 - weight
            side += difference
            np.clip(side, 0, 1, out=side)  # a last digit may fall outside
        return low, high

    def _shape(self) -> tuple[int, int]:
        raise NotImplementedError

    def _view(self, cache: PixelCache, name: str, rng: np.random.Generator) -> list[np.ndarray]:
        """The same random part of every side of a picture, each (height, width, 3) uint8."""
        raise NotImplementedError
