"""What switched-off parts had done to a photo, as HTML: numbers, and pictures side by side."""

import math
from collections.abc import Mapping

import numpy as np

from explain.analysis.ablation import Effect
from explain.app.compute.photos import Photo
from explain.app.shell.glossary_hover import facts_list
from explain.app.widgets.colour_maps import change_figure
from explain.app.widgets.decimals import decimal
from explain.app.widgets.photo_grid import photo_figure, side_by_side
from explain.app.widgets.picture_urls import webp_url
from explain.figures import Theme
from model.images.arrays import as_uint8
from model.quality.metrics import psnr

__all__ = ["beyond", "changes", "numbers", "pictures"]

LEVELS = 255
LEAST = 2.0  # grey levels at the ends of the difference's colours, so that rounding does not look like a change
MOST = 0.5  # of a picture's numbers: so many out of range make it look black or white


def numbers(found: Effect) -> Mapping[str, str]:
    """What the change is in numbers: name to text."""
    rows = {}
    if found.psnr is not None and found.psnr_intact is not None:
        rows["PSNR, intact"] = f"{found.psnr_intact:.2f} dB"
        if found.chosen:
            rows["PSNR, without"] = f"{found.psnr:.2f} dB"
            rows["PSNR change"] = f"{decimal(found.change or 0.0, 2, signed=True)} dB"
    elif found.chosen:
        rows["PSNR between both outputs"] = decibels_between(found)
    if found.chosen:
        rows["differs by (rms)"] = f"{found.rms:.1f} grey levels"
        rows["brightness"] = f"{decimal(found.shift, 1, signed=True)} grey levels"
    return rows


def changes(found: Effect) -> str:
    """`numbers` as HTML; empty if there are none."""
    rows = numbers(found)
    return facts_list(rows, ".2rem 0 1rem") if rows else ""


def pictures(found: Effect, photo: Photo, theme: Theme) -> str:
    """Before, after, their difference, and the reference if there is one."""
    intact, output = (as_uint8(np.clip(picture, 0, 1)) for picture in (found.intact, found.output))
    before = f"Intact{_score(found.psnr_intact)}: what the whole network makes of the photo"
    shown = []
    if not found.chosen:
        shown.append(photo_figure(webp_url(photo.pixels), "The dark photo", "The input photo"))
    shown.append(photo_figure(webp_url(intact), "The photo restored by the whole network", before))
    if found.chosen:
        after = f"Ablated{_score(found.psnr)}: the same weights without what is switched off"
        shown.append(photo_figure(webp_url(output), "The photo restored without the parts", after))
        caption = "Ablated − intact, in grey levels: one colour all over is brightness, lines and edges are detail"
        change = LEVELS * found.difference.mean(axis=-1)  # (height, width)
        shown.append(change_figure(change, theme, "Where the ablated photo is brighter or darker", caption, LEAST))
    if photo.reference is not None:
        shown.append(photo_figure(webp_url(photo.reference), "The scene in good light", "In good light: the answer"))
    return side_by_side(shown, fill=True)


def decibels_between(found: Effect) -> str:
    """PSNR of the ablated against the intact picture, both rounded to 8 bits."""
    value = psnr(as_uint8(found.output), as_uint8(found.intact), data_range=LEVELS)
    return f"{value:.1f} dB" if math.isfinite(value) else "no difference"


def beyond(found: Effect) -> str:
    """A sentence on a picture most of which left the range of a photo; empty for another."""
    for out, end, colour in ((found.output <= 0, "below 0", "black"), (found.output >= 1, "above 1", "white")):
        share = float(out.mean())
        if share > MOST:
            return f"Here {share:.0%} of the output's numbers are {end}, which is shown as {colour}."
    return ""


def _score(value: float | None) -> str:
    return "" if value is None else f", {value:.2f} dB"
