"""The section of the page about downsampling: aliasing to look at, with the network's blur and without."""

import altair as alt
import numpy as np
import streamlit as st

from explain.app.url.controls import choose, number, slide
from explain.app.url.session import Context
from explain.app.views.component.sections.fine_patterns import (
    KINDS,
    PERIODS,
    SHIFTS,
    Pattern,
    false_pattern,
    limit,
    patch,
    response,
)
from explain.app.views.component.sections.moving_pattern import moving
from explain.app.views.component.sections.resizing_plot import Curve, plot
from explain.markdown_tables import markdown_table

__all__ = ["down"]

LABELS = {"stripes": "Stripes", "zone": "Rings", "check": "Checks", "photo": "The photo"}
FACTORS = {"2": "½ (one step)", "4": "¼ (two steps)"}
LONGEST = 16  # pixels of a period in the graph


def down(here: Context) -> None:
    """Shows aliasing on a moving pattern, with the blur and without."""
    st.markdown(
        "**Move the pattern.** Along a row or a column, a wave needs at least two pixels of the small picture. Finer "
        "stripes do not vanish when pixels are dropped: they come back as coarser ones."
    )
    pattern, factor = _controls()
    photo = patch(here.photo.pixels, here.pixel)
    moving(pattern, factor, photo, "moving")
    st.caption(_what_to_see(pattern, factor))
    with st.expander("How much is left, and how much of it is false", icon=":material/show_chart:"):
        _in_numbers(here, pattern, factor, photo)


def _in_numbers(here: Context, pattern: Pattern, factor: int, photo: np.ndarray) -> None:
    """The graph of what is left over the period, and the table of what comes back as a false pattern."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _graph(here, pattern, factor)
        text = "In the grey part, all that is left is false: the dashed line without the blur, the curve with it."
        if pattern.waves:
            text += f" Dots: this pattern, of which the blur leaves {response(pattern.waves, factor):.1%}."
        st.caption(text)
    with right:
        st.markdown(_table(pattern.pixels(photo)))
        st.caption(
            "Of everything that is finer than the small grid can hold, this much is left: a false pattern. Energy is "
            "contrast squared, as a share of the whole pattern's: half of the contrast is a quarter of the energy. "
            "Brightness is the mean absolute value, white is 100%. Both are means over all rows and columns that could "
            "be the ones to stay; the pattern's border, which cuts through waves, makes a per cent or so."
        )


def _controls() -> tuple[Pattern, int]:
    """What the address asks for, and the controls for it."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="top"):
        kind = choose(
            "pattern", "Pattern", KINDS, "stripes", LABELS.__getitem__, kind=st.segmented_control, required=True
        )
        factor = choose("factor", "Size", tuple(FACTORS), "2", FACTORS.__getitem__, st.segmented_control, required=True)
    standard = Pattern()
    period, angle = standard.period, standard.angle
    if kind != "photo":
        with st.container(horizontal=True, gap="medium"):
            text = "Period at the rim, in pixels" if kind == "zone" else "Period, in pixels"
            period = float(choose("period", text, PERIODS, f"{period:g}", kind=st.select_slider))
            if kind == "stripes":
                angle = slide("angle", "Angle, in degrees", 0, 90, int(angle), step=5)
    return Pattern(kind, period, angle, number("shift", 0, SHIFTS, 0)), int(factor)


def _what_to_see(pattern: Pattern, factor: int) -> str:
    if pattern.kind == "photo":
        return (
            "The photo's own detail around the chosen pixel, brightened. It has no values between its pixels, so it "
            "moves by whole ones: look for edges that flicker without the blur, and change little with it."
        )
    if pattern.kind == "zone":
        return (
            "A zone plate: rings get finer from the middle to the rim. Wherever they are too fine for the small grid, "
            "new rings appear around other middles: those are false. The blur takes most of them out."
        )
    shortest = limit(pattern.angle, factor) if pattern.kind == "stripes" else 2.0 * factor
    if pattern.period < shortest:
        return (
            f"This pattern repeats every {pattern.period:g} pixels; {_from(pattern, factor, shortest)}. So the "
            "pattern in the two small pictures is false: strong without the blur, weak with it."
        )
    return (
        f"This pattern repeats every {pattern.period:g} pixels; {_from(pattern, factor, shortest)}. Both small "
        "pictures are right; the blur only makes the pattern paler."
    )


def _from(pattern: Pattern, factor: int, shortest: float) -> str:
    """From which period on the small grid holds the pattern, and why it is not twice the factor for slanted stripes."""
    text = f"the small grid holds it from {shortest:.2f} on"
    if pattern.kind == "stripes" and shortest < 2 * factor:
        text += f" ({2 * factor} along a row or column, which stripes at {pattern.angle:g}° cross at a slant)"
    return text


def _graph(here: Context, pattern: Pattern, factor: int) -> None:
    """Shows what is left of stripes over their period."""
    colours = here.theme.streams
    check = pattern.kind == "check"
    angle = pattern.angle if pattern.kind == "stripes" else 0.0
    periods = np.linspace(2, LONGEST, 113)
    waves = [Pattern("check" if check else "stripes", period, angle).waves or (0, 0) for period in periods]
    passed = [(float(period), response(wave, factor)) for period, wave in zip(periods, waves, strict=True)]
    shortest = 2.0 * factor if check else limit(angle, factor)
    marks = []
    if pattern.waves:
        left = response(pattern.waves, factor)
        marks = [("without the blur", pattern.period, 1.0), ("with the blur", pattern.period, left)]
    label = (
        f"What is left of a pattern's contrast over its period. Without the blur all of it; with the blur "
        f"{np.interp(shortest, *np.transpose(passed)):.0%} at {shortest:.1f} pixels, the shortest period that the "
        "small grid holds, and less the finer it is"
    )
    across = alt.X(
        "x:Q",
        title="period in pixels; grey: too fine for the small grid",
        scale=alt.Scale(domain=[2, LONGEST], nice=False),
    )
    up = alt.Y("y:Q", title="contrast that is left", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    curves = [
        Curve("without the blur", colours[1], [(2, 1), (LONGEST, 1)], (7, 4)),
        Curve("with the blur", colours[0], passed),
    ]
    plot(curves, (across, up), label, shaded=(2, min(shortest, LONGEST)), marks=marks)


def _table(pixels: np.ndarray) -> str:
    """How much comes back as a false pattern, for both sizes; Markdown."""
    rows = []
    for factor, size in ((2, "½"), (4, "¼")):
        for blur, text in ((False, "dropped"), (True, "blurred")):
            false = false_pattern(pixels, factor, blur)
            rows.append((f"{size},\u00a0{text}", f"{false.energy:.1%}", f"{false.amplitude:.1%}"))
    return markdown_table(("Pixels", "False energy", "False brightness"), rows)
