"""The quantization lens: the board's int8 tensors beside the float network's, tensor by tensor, on one photo."""

import math

import streamlit as st

from explain.app.catalog.topics import TOPICS
from explain.app.charts.altair_charts import Pick, show
from explain.app.compute.board_model import FloatAndInt8, lens, tensor_hooks
from explain.app.compute.bounded_cache import kept_of_photos
from explain.app.data.board_measurements import Costs, read_costs
from explain.app.shell.glossary_hover import headed, paragraph
from explain.app.shell.network_notes import about_nano
from explain.app.url import controls
from explain.app.url.session import Context, context
from explain.app.views.quantization.lens_charts import cost_chart, decibels, near_chart, tensor_rows
from explain.app.views.quantization.rounding_grid import near
from explain.app.views.quantization.tensor_lens import take_tensor, tensor_section
from explain.app.views.quantization.tensor_worth import worth
from explain.app.widgets.colour_maps import change_figure, figure, gallery
from explain.tracing.sites import label
from model.images.camera_formats import to_frame
from model.quality.metrics import psnr

__all__ = ["FIRST", "choose_tensor", "page"]

FIRST = "rrg_1/mrb_1/column_1/dau_1/body"
"""The tensor that is shown to somebody who has not chosen: an early one, with height and width."""


def page() -> None:
    """Shows the quantization lens."""
    here = context().for_board
    headed(TOPICS[here.page])
    about_nano(here)
    with st.spinner("Running both networks on this photo …"):
        found, costs = lens(here.photo), read_costs()
    _pictures(here, found)
    if here.setup.softmax != "streams":
        st.caption(
            "The teaching switch does not reach these two networks: the board's was made with the right softmax."
        )
    name = _choice(here, found, costs)
    channel = tensor_section(here, found, name)
    with st.expander("Which tensors matter", icon=":material/leaderboard:"):
        worth(here, costs, name, _distances(found, here.photo.key), FIRST)
    take_tensor(here, found, name, channel)


def _pictures(here: Context, found: FloatAndInt8) -> None:
    """The same frame by both networks, and where they differ."""
    apart = (found.int8_picture.astype("float32") - found.float_picture).mean(axis=-1)  # (height, width)
    scores = {"float": "", "int8": ""}
    if here.photo.reference is not None:
        bright = to_frame(here.photo.reference)
        for kind, picture in (("float", found.float_picture), ("int8", found.int8_picture)):
            scores[kind] = f" · {psnr(picture / 255, bright / 255, data_range=1):.2f} dB"
    near_float = psnr(found.int8_picture / 255, found.float_picture / 255, data_range=1)
    nearness = f"{near_float:.1f} dB, higher is nearer" if math.isfinite(near_float) else "no difference"
    caption = f"int8 − float, in grey levels. PSNR between the two: {nearness}"
    shown = [
        figure(found.frame, "The frame of the board's camera", "The camera's frame: 160 × 120, YUV 4:2:2"),
        figure(found.float_picture, "Restored by the float network", f"Float network{scores['float']}"),
        figure(found.int8_picture, "Restored by the int8 network", f"int8, as on the board{scores['int8']}"),
        change_figure(apart, here.theme, "Where the two restored pictures differ", caption),
    ]
    st.html(gallery(shown, narrowest="9rem"))


@kept_of_photos(50)
def _distances(_found: FloatAndInt8, key: str) -> tuple[float, ...]:
    return near(_found.floats, {name: _found.dequantized(name) for name in _found.floats})


def _choice(here: Context, found: FloatAndInt8, costs: Costs) -> str:
    """All tensors in their order, to be clicked on, and a list with the same choice."""
    names = tuple(tensor_hooks())
    name = controls.option("tensor", names, FIRST)
    distances = _distances(found, here.photo.key)
    paragraph(
        f"The board holds {len(names)} tensors that are **hook points**, named places of the float network. **SQNR** "
        "says how large a tensor's numbers are beside the error that int8 makes in them: 20 dB is an error of a tenth, "
        "40 dB of a hundredth. Choose a tensor."
    )
    rows = tensor_rows(names, distances, costs.tensors, name)
    show(near_chart(here.theme), rows, f"SQNR of {len(names)} tensors", Pick("tensor", "near", choose_tensor))
    st.caption(
        "How near int8 is to float on this photo. Every tensor inherits the errors of those before it, yet the bars do "
        "not just fall: sums and gates can make an error small. Near 0 dB, the error is as large as the numbers."
    )
    with st.expander("What rounding one tensor alone costs the picture", icon=":material/bar_chart:"):
        st.markdown("In dB of the restored picture, mean of the project's pairs; below 0 it gains.")
        show(cost_chart(here.theme), rows, f"Cost of {len(names)} tensors", Pick("tensor", "cost", choose_tensor))
        st.caption(rows[names.index(name)]["text"])
    key = "extra_tensor"
    st.session_state[key] = name
    at = names.index(name)
    st.selectbox(
        "Tensor",
        names,
        key=key,
        format_func=lambda each: f"{names.index(each) + 1} · {label(each)} · {decibels(distances[names.index(each)])}",
        on_change=lambda: choose_tensor(st.session_state[key]),
    )
    with st.container(horizontal=True):
        for text, icon, step in (("Previous", "arrow_back", at - 1), ("Next", "arrow_forward", at + 1)):
            st.button(
                text,
                icon=f":material/{icon}:",
                disabled=not 0 <= step < len(names),
                key=f"tensor_{text.lower()}",
                on_click=choose_tensor,
                args=(names[step % len(names)],),
            )
    return name


def choose_tensor(name: str) -> None:
    """Goes to another tensor, which has other channels; to be called from a control."""
    controls.put(tensor=None if name == FIRST else name, c=None)
