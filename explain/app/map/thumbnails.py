"""Pictures for the map, 64 pixels on the longer side: the activations of the network on a photo."""

import numpy as np

from explain.app.catalog.choices import Choice, site
from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup, hook_names, page_names, tensors
from explain.app.widgets.colour_maps import coloured
from explain.app.widgets.picture_urls import webp_url
from explain.figures import THEMES
from explain.figures.kit.feature_maps import Lens
from model.images.arrays import as_uint8

__all__ = ["LONGEST", "thumbnail", "thumbnails"]

LONGEST = 64  # pixels of the longer side; on the page it is a little smaller


@kept_of_photos(200)
def thumbnails(setup: Setup, _photo: Photo, key: str, group: int, block: int, theme: str) -> dict[str, str]:
    """Pictures of what passes between the groups, the blocks of one group, and the parts of one block.

    `key` is the photo's fingerprint, by which earlier pictures are found; groups and blocks count from 1; `theme` is
    `light` or `dark`.

    Returns:
        Hook name to a data URL; `photo` and `output` are pictures, all others the activity of all channels.
    """
    known, choice = hook_names(setup), Choice(group=group, block=block)
    sites = {kind: page_names(known, kind, site(kind, choice)) for kind in ("mirnet", "rrg", "mrb")}
    found = dict(tensors(setup, _photo, [*sites["mirnet"], *sites["rrg"]]))
    found |= tensors(setup, _photo, sites["mrb"])
    output = as_uint8(np.clip(found.pop("output")[0], 0, 1))
    pictures = {"photo": thumbnail(_photo.pixels), "output": thumbnail(output)}
    return pictures | {name: thumbnail(_activity(tensor, theme)) for name, tensor in found.items()}


def thumbnail(pixels: np.ndarray) -> str:
    """A picture (height, width, 3) uint8, made small, as a data URL of about a kilobyte."""
    return webp_url(pixels, LONGEST, quality=82)


def _activity(features: np.ndarray, theme: str) -> np.ndarray:
    """The activity of all channels (1, height, width, channels), as in the figures; each map on its own scale."""
    activity = Lens()(features)
    return coloured(activity, THEMES[theme].activity, 0.0, float(np.percentile(activity, 99.5)))
