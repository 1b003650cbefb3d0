"""The spatial gate over the photo, for the pages that show one."""

import numpy as np

from explain.app.views.component.sections.subject import Looking
from explain.app.widgets.colour_maps import legend
from explain.app.widgets.pointing import spot
from explain.app.widgets.small_pictures import photo_url
from explain.figures.components.attention import tinted
from explain.figures.kit.feature_maps import gate_scale, luminance
from model.images.arrays import as_float

__all__ = ["gate_over_photo", "passing_over_photo", "tint_legend"]

DIMMED = 0.35
"""Brightness of the pixels that do not pass: the photo stays visible."""


def gate_over_photo(found: Looking, gate: str) -> str:
    """The spatial gate in colours over the grey photo, for `pointing.pointer`."""
    picture = tinted(_grey(found), _colours(found, gate))
    text = "The gate of each pixel over the grey photo; the pixel is marked"
    return spot(photo_url(picture), text, "colour: spatial gate; brightness: the photo's")


def passing_over_photo(found: Looking, gate: str, limit: float) -> str:
    """The pixels whose gate is above a limit in [0, 1], in colours; others dark grey. For `pointing.pointer`."""
    above = found.at[gate][0, :, :, :1] > limit
    colours = np.where(above, _colours(found, gate), DIMMED)
    picture = tinted(_grey(found), colours)
    text = f"The pixels that pass more than {limit:.0%}, in colour over the dark photo; the pixel is marked"
    return spot(photo_url(picture), text, f"in colour: passes more than {limit:.0%}")


def tint_legend(found: Looking, gate: str) -> str:
    """What the colours of both pictures mean."""
    scale = gate_scale([found.at[gate]], "gate")
    return legend(found.here.theme.tint, f"gate {scale.low:.3f}", f"{scale.high:.3f}")


def _grey(found: Looking) -> np.ndarray:
    return luminance(as_float(found.here.photo.pixels))


def _colours(found: Looking, gate: str) -> np.ndarray:
    """(height, width, 3) within [0, 1], at the gate's size."""
    values = found.at[gate][0, :, :, 0]
    scale = gate_scale([values], "gate")
    return found.here.theme.tint(np.clip((values - scale.low) / (scale.high - scale.low), 0, 1))[..., :3]
