"""The overview: the photo before and after, and the map of the network."""

import numpy as np
import streamlit as st

from explain.app.component_page import softmax_warning
from explain.app.diagram import network_map
from explain.app.linked import linked
from explain.app.runner import network, tensors
from explain.app.session import context, link, open_address
from model.arrays import as_float, as_uint8
from model.metrics import psnr

__all__ = ["overview"]


def overview() -> None:
    """Shows the page."""
    here = context()
    st.title("MIRNet, component by component", anchor=False)
    st.markdown(
        "MIRNet makes a dark, noisy photo bright and clean. This page takes **your photo** through the network and "
        "shows what every part really computes on the way: real numbers, nothing drawn by hand."
    )
    softmax_warning(here)
    with st.spinner("Running the network on this photo …"):
        _, note = network(here.setup)
        output = tensors(here.setup, here.photo, ["output"])["output"][0]
    _before_and_after(here, output)
    if note.startswith("random"):
        st.info(
            "**Seeded random weights:** this network is not trained yet, so the restored photo is not better. The maps "
            "show the mechanics, not a trained eye.",
            icon=":material/casino:",
        )
    else:
        st.caption(f"The network has {note}.")
    st.header("The map", anchor=False)
    st.markdown(
        "Follow the photo along the arrows, and click on any part to look inside. Shapes are height × width × channels."
    )
    address = linked(network_map(here.config, here.photo.size, here.view.choice, link), key="map")
    if address:
        open_address(address)


def _before_and_after(here, output: np.ndarray) -> None:
    result = as_uint8(np.clip(output, 0, 1))
    pictures = [("The photo", here.photo.pixels), ("What the network makes of it", result)]
    if here.photo.reference is not None:
        pictures.append(("The same scene in good light", here.photo.reference))
    for column, (title, pixels) in zip(st.columns(len(pictures)), pictures, strict=True):
        words = title
        if here.photo.reference is not None and pixels is not here.photo.reference:
            score = psnr(as_float(here.photo.reference), as_float(pixels), data_range=1.0)
            words += f" · {float(score):.1f} dB"
        column.image(pixels, caption=words, width="stretch", output_format="PNG", alt=title)
