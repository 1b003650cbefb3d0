"""The whole network, drawn: the photo, the features of each group, the residual, the result."""

from collections.abc import Mapping

import numpy as np

from explain.figures.kit.blocks import Chart, Content, Part, Picture, PictureGroup, row, shape_of
from explain.figures.kit.chart_data import histogram
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors, luminance, signed_scale
from explain.tracing.sites import KINDS
from model.errors import MirnetError
from model.images.arrays import as_uint8
from model.quality.metrics import psnr

__all__ = ["draw_mirnet"]

LEAST_TOLD = 0.0005
"""Share of numbers below 0 that is told; a smaller one would be written as 0.0%."""


def _mirnet(
    cache: Mapping[str, np.ndarray], site: str = "", *, channel: int | None = None, reference: np.ndarray | None = None
) -> Content:
    """A MIRNet from photo to photo (paper, section 3).

    `reference` says how the photo would look in good light: (height, width, 3) within [0, 1], of the photo's size.
    """
    at, lens = Tensors(cache, site), Lens(channel)
    photo, residual, output = at["input"][0], at["residual"][0], at["output"][0]
    result = np.clip(output, 0, 1)
    groups = {f"RRG {k}": at[f"rrg_{k}/out"] for k in range(1, at.count("rrg_{}/out") + 1)}
    features = {"shallow features": at["shallow"], **groups}
    maps = {name: lens(tensor) for name, tensor in features.items()}
    colours = {name: residual[..., k] for k, name in enumerate(("red", "green", "blue"))}
    shape = shape_of(at["input"])

    photos = [Picture(photo, "input", _decibels(photo, reference) or shape)]
    base = at["companded"][0] if "companded" in cache else None
    if base is not None:
        photos.append(Picture(base, "companded", _decibels(base, reference) or "the dark spread by a fixed curve"))
    scored = _decibels(result, reference)
    photos.append(Picture(np.clip(residual, 0, 1), "residual", _below(residual), "+"))
    photos.append(Picture(result, "result", f"{scored}, clipped to 0 … 1" if scored else _clipping(output), "="))
    if reference is not None:
        photos.append(Picture(reference, "reference", "the same in good light"))
    brightness = {picture.title: luminance(picture.values) for picture in photos if picture.title != "residual"}

    deep = "a square of pixels at every position" if "folded" in cache else "full resolution"
    inside = (
        "Each position of the features stands for a square of pixels, moved into its channels (space-to-depth)."
        if "folded" in cache
        else "The features keep the photo's full resolution in every layer."
    )
    parts: list[Part] = [
        f"The network computes only what to add: result = {'input' if base is None else 'companded'} + residual",
        row(PictureGroup(photos), columns=len(photos)),
        f"Inside: features at {deep}, refined by one group after another",
        row(
            PictureGroup(
                [Picture(m, name, shape_of(features[name])) for name, m in maps.items()], lens.scale(*maps.values())
            ),
            columns=max(3, min(len(maps), 4)),
        ),
        "The residual, colour by colour, and the brightness before and after",
        row(
            PictureGroup(
                [Picture(values, f"residual: {name}", "added to this colour") for name, values in colours.items()],
                signed_scale(list(colours.values()), "warm colours add light, cold ones take it away"),
            ),
            Chart(histogram(brightness, (0, 1), "0 black, 1 white"), "brightness", "share of the pixels"),
            columns=4,
        ),
    ]
    caption = _caption(photo, output, reference, inside)
    count = f"{len(groups)} group{'s' if len(groups) > 1 else ''}"
    return Content(KINDS["mirnet"].title, f"{count} on a photo of {shape}", parts, caption)


draw_mirnet = Drawing(_mirnet)


def _decibels(picture: np.ndarray, reference: np.ndarray | None) -> str:
    if reference is None:
        return ""
    if reference.shape != picture.shape:
        raise MirnetError(
            f"the reference must have the photo's size, {picture.shape[1]} × {picture.shape[0]} pixels, "
            f"not {reference.shape[1]} × {reference.shape[0]}"
        )
    return f"PSNR {psnr(as_uint8(picture), as_uint8(reference), data_range=255):.2f} dB"  # of what a file would hold


def _below(residual: np.ndarray) -> str:
    share = float(np.mean(residual < 0))
    if share < LEAST_TOLD:
        return "hardly anywhere below 0"
    return f"below 0 in {share:.1%} of its numbers, shown black"


def _clipping(output: np.ndarray) -> str:
    share = np.mean((output < 0) | (output > 1))
    return f"clipped to 0 … 1 ({share:.1%} of values)"


def _caption(photo: np.ndarray, output: np.ndarray, reference: np.ndarray | None, inside: str) -> str:
    before, after = (float(luminance(picture).mean()) for picture in (photo, output))
    compared = ""
    if reference is not None:
        first, last = _decibels(photo, reference), _decibels(np.clip(output, 0, 1), reference)
        compared = f"Against the reference, the input has {first}, the result {last}; 6 dB more is half the RMS error."
    return f"""The mean brightness goes from {before:.2f} to {after:.2f}. The residual is all that the network adds:
        where is it bright, and what colour has it? {inside} {compared}"""
