"""One tensor under the lens: float, int8 and their difference, the grid it is held on, and fewer bits."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from embedded.tflite.naming import named
from explain.app.charts.altair_charts import show
from explain.app.compute.board_model import FloatAndInt8, emulator, tensor_hooks, tensor_of
from explain.app.compute.values_at import liveliest
from explain.app.url import controls
from explain.app.url.session import Context
from explain.app.views.cell.channel_map import ChannelScale
from explain.app.views.quantization.lens_charts import bits_chart, decibels, digits, grid_chart, number, pairs
from explain.app.views.quantization.rounding_grid import BITS, Grid, GridHistogram, histogram, is_map, sqnr
from explain.app.widgets.colour_maps import coloured, figure, gallery, legend
from explain.app.widgets.decimals import decimal
from explain.app.widgets.python_lines import board_opening
from explain.app.widgets.take_along import take_along
from explain.cell.writing import bracketed
from explain.figures import Theme
from explain.figures.components.any_tensor import draw_tensor
from explain.tracing.sites import label

__all__ = ["take_tensor", "tensor_section"]

FEWEST = 2
FIRST_BITS = 4
EXACT = 6  # digits of a scale with which a product has one less that is right


def tensor_section(here: Context, found: FloatAndInt8, name: str) -> int:
    """Shows one tensor (maps or numbers of a channel, its grid, SQNR, fewer bits) and gives the channel."""
    floats, int8 = found.floats[name], found.int8[name]
    tensor = tensor_of(name)
    grid = Grid(tensor.scale, tensor.zero_point)
    st.subheader(label(name), anchor=False)
    st.markdown(_about(name, floats))
    channel = liveliest(floats)
    if floats.shape[-1] > 1:
        channel = controls.slide("c", "Channel", 0, floats.shape[-1] - 1, channel)
    back = found.dequantized(name)
    _pictures(here.theme, name, floats, back, channel, grid)
    with st.expander("The grid that it is held on: scale and zero point", icon=":material/straighten:"):
        _grid_section(here.theme, floats, int8, back, grid, channel)
    asked = here.view.extra("bits") is not None
    with controls.fold("bits", "A thought experiment: fewer bits", "exposure_neg_1", asked):
        _fewer_bits(here.theme, name, floats, channel, grid)
    return channel


def take_tensor(here: Context, found: FloatAndInt8, name: str, channel: int) -> None:
    """What can be taken along of a tensor: its channel in floats and in int8, the lines of Python."""
    take_along(here, _figures(found, name, channel), code=_code(here.view.photo, name))


def _grid_section(
    theme: Theme, floats: np.ndarray, int8: np.ndarray, back: np.ndarray, grid: Grid, channel: int
) -> None:
    """The grid in words, as a histogram, its ends, and how much of the error is its own."""
    counts = histogram(floats, int8, grid)
    st.markdown(_grid_text(floats, int8, grid, channel))
    show(*grid_chart(counts, grid, theme), _grid_label(counts, grid))
    st.caption(
        f"One bar for each of the {len(counts.int8)} integers, so a bar is one step, {number(grid.scale)}, wide; its "
        "height is the logarithm of how often the number occurs. Where the bars are not the outline, errors from "
        "earlier layers have moved the values."
    )
    st.markdown(_ends(counts, grid))
    st.markdown(
        f"SQNR on this photo: **{decibels(sqnr(floats, back))}**. Rounding the float tensor to this grid and changing "
        f"nothing before it: {decibels(sqnr(floats, grid.fake_quantize(floats)))}. The rest of the error comes from "
        "earlier layers, and from weights of 8 bits."
    )


def _about(name: str, floats: np.ndarray) -> str:
    graph = emulator().graph
    operator = graph.producer.get(tensor_hooks()[name])
    made = "the network's input" if operator is None else f"made by `{named(graph, operator)}`"
    return f"`{name}` · {' × '.join(map(str, floats.shape[1:]))} · {made}"


def _pictures(theme: Theme, name: str, floats: np.ndarray, back: np.ndarray, channel: int, grid: Grid) -> None:
    """Maps where there is height and width, else one mark for each number."""
    if not is_map(floats.shape):
        _pairs(floats, back, channel, grid, theme)
        return
    one, other = floats[0, ..., channel], back[0, ..., channel]
    scale, error = ChannelScale.of(one, name, theme), other - one
    limit = max(float(np.abs(error).max()), grid.scale / 2)
    text = f"channel {channel} of {label(name)}"
    most = float(np.abs(error).max())
    caption = f"int8 − float: up to {number(most)}, or {most / grid.scale:.1f} steps"
    shown = [
        figure(scale.pixels(one), f"Float, {text}", "float"),
        figure(scale.pixels(other), f"int8, {text}", "int8, dequantized"),
        figure(coloured(error, theme.signed, -limit, limit), f"int8 − float, {text}", caption),
    ]
    st.html(
        gallery(shown, narrowest="10rem")
        + scale.legend
        + legend(theme.signed, number(-limit), number(limit), "no difference")
    )
    st.caption(
        "In the difference (lower scale), noise without a pattern is rounding; a pattern comes from earlier layers, or "
        "from values beyond the ends."
    )


def _pairs(floats: np.ndarray, back: np.ndarray, channel: int, grid: Grid, theme: Theme, rounded: str = "int8") -> None:
    """Two tensors without height and width, (1, streams, 1, channels)."""
    one, other = floats[0, :, 0], back[0, :, 0]
    ends = f"from {number(floats.min())} to {number(floats.max())}"
    show(*pairs(one, other, channel, theme, rounded), f"{one.size} numbers, float and {rounded}, {ends}")
    st.caption(
        f"Rings: float; dots: {rounded}. One number for each channel{' and stream' if len(one) > 1 else ''}: no map to "
        "draw. Where a dot leaves its ring, the rounded number is another one; the dashed line is 0, and one step is "
        f"{number(grid.scale)}."
    )


def _grid_label(counts: GridHistogram, grid: Grid) -> str:
    return (
        f"Histogram of {counts.size:,} numbers over the {len(counts.int8)} integers from {grid.low} to {grid.high}; "
        f"{counts.at_ends[0]:,} at {grid.low} and {counts.at_ends[1]:,} at {grid.high}; zero point {grid.zero_point}"
    )


def _grid_text(floats: np.ndarray, int8: np.ndarray, grid: Grid, channel: int) -> str:
    """Scale and zero point explained, and one number as an example."""
    low, high = grid.ends
    columns = floats.shape[2]
    row, column = divmod(int(np.abs(floats[0, ..., channel]).argmax()), columns)
    place = (0, row, column, channel)
    one, held = float(floats[place]), int(int8[place])
    back = float(grid.dequantize(np.array(held)))
    where = ""
    if is_map(floats.shape):
        where = f" (row {row}, column {column})"
    elif floats.shape[1] > 1:
        where = f" (stream {row + 1})"
    return (
        f"**Scale {number(grid.scale)}**: the size of one step. **Zero point "
        f"{decimal(grid.zero_point, 0)}**: this integer stands for 0. So the 256 integers reach "
        f"from {number(low)} to {number(high)}, and *float = {number(grid.scale)} × (integer − "
        f"{bracketed(decimal(grid.zero_point, 0))})*.\n\n"
        f"An example, the number of channel {channel} that is farthest from 0{where}: the float network has "
        f"{digits(one, EXACT - 1)}; the board has **{decimal(held, 0)}**, which is {digits(grid.scale, EXACT)} × "
        f"{bracketed(decimal(held - grid.zero_point, 0))} = {digits(back, EXACT - 1)}, "
        f"{abs(back - one) / grid.scale:.2f} steps away."
    )


def _ends(counts: GridHistogram, grid: Grid) -> str:
    below, above = counts.at_ends
    beyond = (
        f"Of the float network's, {counts.below:,} lie below the grid and {counts.above:,} above it: those are cut off."
        if counts.below or counts.above
        else "Nothing is cut off: none of the float network's lies beyond the grid."
    )
    if not below and not above:
        return f"**At the ends: none** of {counts.size:,} numbers. {beyond}"
    text = (
        f"**At the ends: {counts.saturated:.2%}** of {counts.size:,} numbers ({below:,} are {decimal(grid.low, 0)}, "
        f"{above:,} are {grid.high}). {beyond}"
    )
    if grid.zero_point == grid.low and below:
        text += (
            f" Here {decimal(grid.low, 0)} stands for 0, so the zeros of a ReLU or a closed gate are at that end and "
            "lose nothing."
        )
    return text


def _fewer_bits(theme: Theme, name: str, floats: np.ndarray, channel: int, grid: Grid) -> None:
    st.markdown(
        "What if **this tensor alone** had fewer bits? Its float values are rounded here over the same range; the "
        "network does not run with them."
    )
    bits = controls.slide("bits", "Bits", FEWEST, BITS, FIRST_BITS)
    coarse = grid.with_bits(bits)
    rounded = coarse.fake_quantize(floats)
    if is_map(floats.shape):
        one, other = floats[0, ..., channel], rounded[0, ..., channel]
        scale, limit = ChannelScale.of(one, name, theme), coarse.scale / 2
        used = f"{2**bits} levels, {len(np.unique(other))} of them used here, {number(coarse.scale)} apart"
        caption = f"rounded − float; the ends of the colours are half a step, {number(limit)}"
        error = coloured(other - one, theme.signed, -limit, limit)
        shown = [
            figure(scale.pixels(one), f"Float, channel {channel}", "float"),
            figure(scale.pixels(other), f"Rounded to {bits} bits, channel {channel}", f"{bits} bits: {used}"),
            figure(error, f"What rounding to {bits} bits adds", caption),
        ]
        st.html(gallery(shown, narrowest="8.5rem") + scale.legend)
    else:
        _pairs(floats, rounded, channel, coarse, theme, f"{bits} bits")
    values = [(each, sqnr(floats, grid.with_bits(each).fake_quantize(floats))) for each in range(FEWEST, BITS + 1)]
    show(*bits_chart(values, bits, theme), "SQNR for 2 to 8 bits")
    st.caption(
        "SQNR of the whole tensor, rounded to so many bits. Each bit halves the step and so the RMS error, about 6 "
        "dB, as long as nothing lies beyond the ends, and less where only a few levels are used."
    )


def _figures(found: FloatAndInt8, name: str, channel: int) -> Mapping:
    tensors = {"float": found.floats[name], "int8": found.dequantized(name)}

    def drawer(values: np.ndarray):
        return lambda theme: draw_tensor({name: values}, name, channel=channel, theme=theme)

    return {f"{label(name)}, {kind}": drawer(values) for kind, values in tensors.items()}


def _code(photo: str, name: str) -> str:
    imports = [
        "from embedded.camera.ov7675 import Camera",
        "from embedded.quantize.hook_mapping import hook_values",
        "from embedded.camera.pixel_tables import network_input",
        "from model.zoo import load_network",
    ]
    return f"""\
{board_opening(photo, imports)}

camera = Camera()
picture = camera.picture(camera.capture(photo))  # (120, 160, 3), what is in the camera's bytes
net, _ = load_network("nano")  # the float network that the board's was made from
floats = hook_values(net, network_input(picture, net.config))["{name}"]
tensor = emulator.hooks.places["{name}"].tensor
int8 = emulator.tensors(picture)[tensor]  # int8
back = emulator.graph.tensors[tensor].dequantize(int8)  # scale * (integer - zero point)
error = back - floats"""
