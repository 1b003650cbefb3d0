"""What each resolution shows: the streams' maps of one block, and the footprint of one pixel of each on the photo."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from explain.analysis.receptive import Field
from explain.app.compute.runner import tensors
from explain.app.url.session import Context
from explain.app.views.streams.footprints import PixelBox, around, backdrop, framed, shades, square
from explain.app.views.streams.stages import block_of
from explain.app.widgets.colour_maps import coloured, gallery, legend, names_of_colours
from explain.app.widgets.photo_grid import photo_figure
from explain.tracing.sites import label

__all__ = ["resolutions"]

NEAR = 32  # pixels of the photo along a side of the enlarged part
SIZES = ("full", "half", "quarter", "an eighth of the")


def resolutions(here: Context, field: Field, pixel: tuple[int, int]) -> None:
    """The section: the maps of the block that the stage belongs to, whole and enlarged around the pixel."""
    config = here.config
    block = block_of(field.name, config.groups, config.blocks)
    names = [f"{block}/column_{config.columns}/dau_{k}/out" for k in range(1, config.streams + 1)]
    st.markdown(
        f"The streams of **{label(block)}** after their last attention: the activity of all channels. A coarse stream "
        "has fewer, larger pixels and more channels: fine detail is lost, and what is left reaches further."
    )
    with st.spinner("Running the block on this photo …"):
        found = tensors(here.setup, here.photo, names)
    maps = [np.sqrt(np.mean(np.square(found[name][0]), axis=-1)) for name in names]
    near = around(pixel, here.photo.size, NEAR, config.multiple)
    st.html(gallery(_whole(here, maps, near), "13rem", "22rem"))
    st.html(legend(here.theme.activity, "nothing", "the strongest of each map"))
    st.html(gallery(_enlarged(here, maps, near, pixel), "9rem", "16rem"))
    footprints = [f"a pixel of stream {k}" for k in range(1, len(maps) + 1)]
    st.html(names_of_colours(footprints, here.theme.streams))
    st.html(legend(here.theme.activity, "the weakest", "the strongest of each part"))
    st.caption(
        f"The frame is what is enlarged below, {near.size[0]} × {near.size[1]} pixels of the photo; each part has a "
        "scale of its own. The squares are the footprint of the chosen pixel: one pixel of each stream."
    )


def _whole(here: Context, maps: Sequence[np.ndarray], near: PixelBox) -> list[str]:
    found = []
    for k, values in enumerate(maps):
        height, width = values.shape
        scale = here.photo.size[0] / height
        top, left, bottom, right = (side / scale for side in (near.top, near.left, near.bottom, near.right))
        frame = square(top, left, bottom, right, "#fff", width / 240)
        source = framed(_coloured(here, values, 0.0), [frame], sharp=True)
        text = f"Stream {k + 1}: {SIZES[k]} size, {height} × {width} pixels."
        found.append(photo_figure(source, f"Activity of stream {k + 1}, {height} × {width} pixels", text))
    return found


def _enlarged(here: Context, maps: Sequence[np.ndarray], near: PixelBox, pixel: tuple[int, int]) -> list[str]:
    pixels = shades(backdrop(here.photo.pixels)[near.slices])
    colours = here.theme.streams
    scales = [here.config.stem * 2**k for k in range(len(maps))]  # pixels of the photo along a side
    feet = [_foot(pixel, near, scales[k], 1, colours[k]) for k in reversed(range(len(maps)))]
    sides = ", ".join(f"{scale} × {scale}" for scale in scales)
    alt = f"The photo around the pixel with squares of {sides} pixels"
    caption = f"The photo, and one pixel of each stream: {sides} pixels of the photo."
    found = [photo_figure(framed(pixels, feet, sharp=True), alt, caption)]
    for k, (values, scale) in enumerate(zip(maps, scales, strict=True)):
        part = PixelBox(*(side // scale for side in (near.top, near.left, near.bottom, near.right)))
        foot = _foot(pixel, near, scale, scale, colours[k])
        inside = values[part.slices]
        source = framed(_coloured(here, inside, float(np.percentile(inside, 0.5))), [foot], sharp=True)
        across = "one pixel of the photo" if scale == 1 else f"{scale} × {scale} pixels of the photo"
        found.append(photo_figure(source, f"Stream {k + 1} around the pixel", f"Stream {k + 1}: a pixel is {across}."))
    return found


def _foot(pixel: tuple[int, int], near: PixelBox, scale: int, unit: int, colour: str) -> str:
    """The pixel of a stream as a square, in a picture that has one pixel for `unit` of the photo's."""
    top, left = (
        (place // scale * scale - start) / unit for place, start in zip(pixel, (near.top, near.left), strict=True)
    )
    side = scale / unit
    return square(top, left, top + side, left + side, colour, 0.3 / unit)


def _coloured(here: Context, values: np.ndarray, low: float) -> np.ndarray:
    return coloured(values, here.theme.activity, low, float(np.percentile(values, 99.5)))  # a single one counts little
