"""The page about receptive fields: the theoretical and the effective one of a pixel of any stage."""

from collections.abc import Iterator, Sequence

import numpy as np
import streamlit as st

from explain.analysis.receptive import Field, Seen, Stage, field_of, stages
from explain.app.catalog.topics import TOPICS
from explain.app.catalog.wording import listed
from explain.app.compute.block_gradients import backward_of, block_by_block
from explain.app.compute.photos import Photo
from explain.app.compute.runner import Setup, facts_about, network, photo_limits, remembered, tensors
from explain.app.compute.staged_gradients import as_seen, recorded_names, seen_from
from explain.app.shell.glossary_hover import headed
from explain.app.url.controls import choose, put
from explain.app.url.session import Context, context
from explain.app.views.streams.field_table import seen_table
from explain.app.views.streams.footprints import (
    DECADES,
    EffectiveField,
    PixelBox,
    around,
    backdrop,
    beyond,
    blended,
    circles,
    fits,
    framed,
    heat,
    shades,
    square,
)
from explain.app.views.streams.resolutions import resolutions
from explain.app.views.streams.stages import stage_bars
from explain.app.widgets.colour_maps import gallery, legend
from explain.app.widgets.photo_grid import photo_figure
from explain.app.widgets.pixel_choice import move_pixel, pixel_sliders
from explain.app.widgets.pointing import pointer, spot
from explain.app.widgets.python_lines import opening
from explain.app.widgets.take_along import take_along
from explain.figures import Sheet, Theme
from explain.figures.results.receptive_fields import draw_receptive
from model.config import MIRNetConfig
from model.errors import MirnetError

__all__ = ["first_stage", "page", "seen_by"]

FIRST = "rrg_1/mrb_1/column_{}/dau_1/out"
"""The stage of an address without one: its field fits in the photo, so that the global paths stand out."""
NEAR = 64  # pixels along a side of the enlarged part
HALFWAY = f"1/{10 ** (DECADES // 2):,}"  # the heat counts powers of ten


def page() -> None:
    """Shows the page of receptive fields."""
    here = context()
    headed(TOPICS[here.page])
    with st.spinner("Computing the receptive field of each stage …"):
        found = stages(here.config)
        pixel = here.pixel
        fields = [field_of(here.config, stage.name, *pixel) for stage in found]
    field = _choose_stage(here, found, fields)
    seen = _both(here, field, pixel)
    if seen:
        _pictures(here, field, pixel, *seen)
    else:
        pixel_sliders(here, *st.columns(2, gap="large"))
    with st.expander("What each resolution shows", icon=":material/grid_on:"):
        resolutions(here, field, pixel)
    if seen:
        _take_along(here, pixel, *seen)


def first_stage(config: MIRNetConfig) -> str:
    """The stage of an address without one."""
    names = [stage.name for stage in stages(config)]
    first = FIRST.format(config.columns)
    return first if first in names else names[0]


def _choose_stage(here: Context, found: Sequence[Stage], fields: Sequence[Field]) -> Field:
    st.markdown(
        "A bar is the **theoretical field** of one pixel, in pixels of the photo along a side: what kernels, strides "
        "and resizing allow at most. From left to right: deeper into the network. Choose a bar."
    )
    names = [stage.name for stage in found]
    default = first_stage(here.config)
    titles = {field.name: field.words for field in fields}
    chosen = choose("stage", "Stage", names, default, titles.__getitem__)
    stage_bars(
        fields,
        chosen,
        here.config.streams,
        here.photo.size,
        here.theme,
        lambda name: put(stage=None if name == default else name),
    )
    config = here.config
    numbers = listed([str(k) for k in range(2, config.streams + 1)], "or")
    sides = listed([f"{side} × {side}" for side in (config.stem * 2**k for k in range(1, config.streams))], "or")
    st.caption(
        f"Dashed: the photo's shorter side, {min(here.photo.size)} pixels. A pixel of stream {numbers} lies over "
        f"{sides} pixels of the photo, so its field is a little larger."
    )
    return fields[names.index(chosen)]


def _both(here: Context, field: Field, pixel: tuple[int, int]) -> tuple[EffectiveField, EffectiveField] | None:
    """The effective field, with and without the global paths; None, and a note, where it depends on nothing."""
    if photo_limits(here.setup).is_heavy and backward_of(here.setup) is None:
        st.info("The effective field of a network of this size and kind takes more memory than a page may.")
        return None
    try:
        with st.spinner("Leading the gradient back to the photo …"):
            live, held = seen_by(here.setup, here.photo, field, pixel)
    except MirnetError as error:
        st.info(str(error), icon=":material/visibility_off:")
        return None
    return EffectiveField.of(live), EffectiveField.of(held)


def seen_by(setup: Setup, photo: Photo, field: Field, pixel: tuple[int, int]) -> tuple[Seen, Seen]:
    """The two gradients of a pixel of a stage, by all paths and with the global ones held, from the pages' memory."""
    back = backward_of(setup)

    def compute():
        recorded = tensors(setup, photo, recorded_names(network(setup)[0]))
        by_blocks = None if back is None else block_by_block(back)
        live, held = seen_from(network(setup)[0], by_blocks, photo.pixels, recorded, field.name, pixel)
        return {"live": live.gradient, "held": held.gradient}

    found = remembered(("streams", setup, photo.key, field.name, pixel), compute, in_parts=back is not None)
    return as_seen(field, found["live"], pixel), as_seen(field, found["held"], pixel)


def _pictures(here: Context, field: Field, pixel: tuple[int, int], live: EffectiveField, held: EffectiveField) -> None:
    grey = backdrop(here.photo.pixels)
    inside = "".join(_whole(here, grey, field, live, held))
    html = f'<div class="gallery" style="--narrowest: 15rem; --widest: 34rem">{inside}</div>'
    pointer(html, "The photo with the receptive fields of the pixel", here.photo.size, pixel, "fields", move_pixel)
    st.html(legend(here.theme.activity, f"1/{10**DECADES:,} or less: the photo", "the strongest pixel", HALFWAY))
    st.caption(
        "The colour is the **gradient**: how much the chosen pixel's number changes if this pixel of the photo changes "
        "a little. Frame: the theoretical field. Circles: half of the gradient (solid) and 90% (dashed). Click on a "
        "photo to choose another pixel."
    )
    st.markdown(_lesson(field, live, held))
    with st.expander("Enlarged, and in numbers", icon=":material/zoom_in:"):
        _enlarged(here, pixel, live, held)


def _enlarged(here: Context, pixel: tuple[int, int], live: EffectiveField, held: EffectiveField) -> None:
    """The sliders, the surroundings of the pixel, and the radii as a table."""
    pixel_sliders(here, *st.columns(2, gap="large"))
    grey = backdrop(here.photo.pixels)
    near = around(pixel, here.photo.size, NEAR, here.config.multiple)
    enlarged = [
        _near(here, grey, near, live, "By all paths"),
        _near(here, grey, near, held, "Without global average pooling"),
    ]
    st.html(gallery(enlarged, "13rem", "20rem"))
    st.caption(f"The {near.size[0]} × {near.size[1]} pixels around it, enlarged, with the same circles where they fit.")
    with st.container(key="seen"):
        st.markdown(seen_table(live, held))


def _whole(here: Context, grey: np.ndarray, field: Field, live: EffectiveField, held: EffectiveField) -> Iterator[str]:
    """The photo three times: the theoretical field, the effective field, and the latter with the global paths held."""
    edge = square(field.top, field.left, field.bottom, field.right, here.theme.accent, 1.5)
    reach = grey * 0.35
    inside = field.within(*here.photo.size)
    reach[inside] = grey[inside]
    size = "{} × {} pixels".format(*field.size)
    yield spot(
        framed(shades(reach), [edge]),
        f"The photo; bright is the theoretical field of {field.words}, {size}",
        f"Theoretical receptive field: {size}, {beyond(field, here.photo.size)}.",
    )
    effective_text = "Effective receptive field: the gradient, by all paths."
    for effective, text in ((live, effective_text), (held, "The same without global average pooling.")):
        pixels = blended(grey, heat(effective.seen.gradient), here.theme.activity)
        yield spot(
            framed(pixels, [edge, *circles(effective, (0, 0), 1.0)]),
            f"Heat over the photo: 90% of what matters to the pixel lies within a radius of {effective.most:.1f} "
            "pixels",
            f"{text} 90% within a radius of {effective.most:.1f} pixels (dashed), 50% within {effective.half:.1f}.",
        )


def _near(here: Context, grey: np.ndarray, box: PixelBox, effective: EffectiveField, text: str) -> str:
    pixels = blended(grey[box.slices], heat(effective.seen.gradient)[box.slices], here.theme.activity)
    source = framed(pixels, circles(effective, (box.top, box.left), 0.35), sharp=True)
    alt = f"{text}: half of what matters lies within {effective.half:.1f} pixels, 90% within {effective.most:.1f}"
    outside = "" if fits(effective, box) else f"; the dashed circle, radius {effective.most:.1f}, is larger"
    return photo_figure(source, alt, text + outside)


def _lesson(field: Field, live: EffectiveField, held: EffectiveField) -> str:
    rows, columns = field.size
    text = (
        f":material/visibility: **What to look at.** The theoretical field is {rows} × {columns} pixels, but most of "
        f"what matters is close by: 90% within a radius of {held.most:.1f} pixels, without global average pooling."
    )
    if not field.hears_all:
        return f"{text} No global average pooling comes before this stage, so both pictures are the same."
    return (
        f"{text} That pooling, in channel attention and SKFF, lets **every** pixel of the photo matter a little: with "
        f"it, the radius is {live.most:.1f} pixels, and {1 - live.inside:.1%} lies outside the theoretical field."
    )


def _take_along(here: Context, pixel: tuple[int, int], live: EffectiveField, held: EffectiveField) -> None:
    name, photo = live.seen.field.name, here.photo.pixels

    def draw(theme: Theme) -> Sheet:
        return draw_receptive(photo, [live.seen], live.seen, held.seen, theme)

    memory = ", and 3 GB of memory" if facts_about(here.setup).is_desk else ""
    code = f"""\
{opening(here.setup, here.view.photo, ["from explain.analysis.receptive import look"])}

(live,) = look(net, photo, {pixel[0]}, {pixel[1]}, ["{name}"])  # some seconds{memory}
(held,) = look(net, photo, {pixel[0]}, {pixel[1]}, ["{name}"], hold_global=True)
for seen in (live, held):
    print(seen.field.size, seen.radius(0.5), seen.radius(0.9), seen.share_inside)"""
    take_along(here, {"Receptive field": draw}, [name], code)
