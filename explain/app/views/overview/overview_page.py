"""The overview: the photo before and after, and the map of the network."""

import streamlit as st

from explain.app.compute.runner import facts_about
from explain.app.compute.runner import network as network_of
from explain.app.map.amounts import EXPLAINED, LAYERS, NONE, SHADES, amounts, notes
from explain.app.map.architecture import network_map
from explain.app.map.map_view import show_map
from explain.app.map.marks import Marks
from explain.app.map.thumbnails import thumbnails
from explain.app.shell.photo_chooser import first_screen_choice
from explain.app.shell.plain_text import plain
from explain.app.shell.tour_panel import tour_start
from explain.app.url.controls import choose
from explain.app.url.session import Context, context, link
from explain.app.url.teacher import shown
from explain.app.views.component.component_page import softmax_warning
from explain.app.widgets.colour_maps import legend
from explain.app.widgets.figure_files import before_and_after, picture_url
from explain.app.widgets.picture_slider import compare

__all__ = ["map_alone", "page", "slider_alone"]

DECIBELS = "dB: PSNR, how close a picture is to the one in good light; more is better."


def page() -> None:
    """Shows the overview."""
    here = context()
    st.title("MIRNet, component by component", anchor=False)
    st.markdown(
        "MIRNet makes a dark, noisy photo bright and clean. This page takes **your photo** through the network and "
        "shows what every part really computes: the actual activations, nothing drawn by hand."
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="start"):
        tour_start()
        if shown("photo"):
            first_screen_choice()
    softmax_warning(here)
    # `photos` is where the guided tour leads.
    with st.spinner("Running the network on this photo …"), st.container(key="photos"):
        _before_and_after(here)
    _weights(here)
    st.header("The map", anchor=False)
    st.markdown(
        "Follow the photo along the arrows, and click on any part to look inside. Shapes are height × width × "
        "channels. Small marks: ↓ downsample, ↑ upsample. Dashed: a skip connection."
    )
    _map(here)


def _weights(here: Context) -> None:
    """What the network has learned from, and what the decibels say."""
    known = facts_about(here.setup)
    if trained := known.shipped:
        seen = ", in frames of the board's camera" if trained.frame else ""
        st.caption(
            f"Trained weights “{trained.name}”: learned from photo pairs of the LOL data set; {trained.psnr:.1f} dB on "
            f"pairs that were kept out of the training{seen}. {DECIBELS}"
        )
        return
    if not known.is_random:
        network, _ = network_of(here.setup)
        st.caption(
            f"**{plain(known.title)}**: {plain(known.says)}, {network.count_params():,} parameters. What is said about "
            f"`desk` elsewhere need not hold for it. {DECIBELS if here.photo.reference is not None else ''}"
        )
        return
    st.info(
        "**Seeded random weights:** this network is not trained yet, so the restored photo is not better. The maps "
        "show the mechanics, not a trained eye.",
        icon=":material/casino:",
    )
    if here.photo.reference is not None:
        st.caption(DECIBELS)


def _map(here: Context) -> None:
    """The drawing with its pictures and numbers, and what they mean."""
    layer = choose(
        "layer", "Write into the map", tuple(LAYERS), NONE, LAYERS.__getitem__, st.segmented_control, required=True
    )
    with st.spinner("Counting every part of the network …" if layer != NONE else "Running the network on this photo …"):
        choice = here.view.choice
        pictures = thumbnails(here.setup, here.photo, here.photo.key, choice.group, choice.block, here.theme.name)
        numbers = notes(amounts(here.setup, here.photo.size), layer) if layer != NONE else {}
    st.html(_legends(here, layer))
    marks = Marks(pictures, numbers, upright=here.photo.size[0] > here.photo.size[1])
    show_map(network_map(here.config, here.photo.size, choice, link, marks), key="map")


def _legends(here: Context, layer: str) -> str:
    pictures = (
        "Small pictures: how active all channels together are in what leaves the box (root mean square), "
        "each on a scale of its own."
    )
    rows = [(legend(here.theme.activity, "quiet", "active"), pictures)]
    if layer != NONE:
        rows.append((SHADES, EXPLAINED[layer]))
    style = "display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; font-size: .85rem"
    return "".join(
        f'<div style="{style}"><div style="flex: 0 0 15rem">{bar}</div>'
        f'<span style="flex: 1 1 24rem">{text}</span></div>'
        for bar, text in rows
    )


def map_alone(here: Context) -> None:
    """Shows the map, and nothing around it."""
    _map(here)


def slider_alone(here: Context) -> None:
    """Shows the photo and the restored one with a handle between them, and nothing around them."""
    before, after, *_ = before_and_after(here.setup, here.photo, here.photo.key)
    _slider(here, before, after)


def _before_and_after(here: Context) -> None:
    """The photo and the restored one; the same scene in good light where there is one; the result as a file."""
    photo = here.photo
    before, after, *bright = before_and_after(here.setup, photo, photo.key)
    left, right = st.columns([2, 1], gap="medium") if bright else (st.container(), None)
    with left:
        _slider(here, before, after)
    with right or st.container():
        for title, text, file in bright:
            st.image(file, caption=text, width="stretch", output_format="PNG", alt=title)
        st.download_button(
            "Restored picture",
            after[2],
            f"restored-{here.view.photo}.png",
            "image/png",
            key="restored",
            help=f"PNG, {photo.size[1]} × {photo.size[0]} pixels: just what the network gave",
            on_click="ignore",
            icon=":material/download:",
        )


def _slider(here: Context, *pictures: tuple[str, str, bytes]) -> None:
    before, after = (
        (picture_url(file, f"{here.photo.key} {title} {here.setup}"), title, text) for title, text, file in pictures
    )
    compare(before, after, here.photo.size, key="compare")
