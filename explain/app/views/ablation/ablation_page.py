"""The ablation bench: switch parts of the network off, see at once what is missing, and what each is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import streamlit as st

from explain.analysis.ablation import GATES, KINDS, choose
from explain.analysis.ablation.gate_values import MEAN
from explain.app.catalog.topics import TOPICS
from explain.app.charts.altair_charts import Pick
from explain.app.charts.bars import spans
from explain.app.compute.photos import sample_names
from explain.app.compute.runner import facts_about
from explain.app.shell.glossary_hover import headed
from explain.app.shell.plain_text import plain
from explain.app.url import controls
from explain.app.url.session import Context, change, context
from explain.app.url.state import LONGEST_EXTRA, quoted
from explain.app.views.ablation.background_table import progress, table_of
from explain.app.views.ablation.effect import beyond, changes, pictures
from explain.app.views.ablation.ranking import COLUMNS, bars, ends, legend, lines_of, sorted_lines, table
from explain.app.views.ablation.switched_run import code, effect_of
from explain.app.views.ablation.switches import (
    PLACED,
    Switch,
    everywhere,
    read_off,
    singles,
    switched,
    wholes,
    within_block,
    write_off,
)
from explain.app.views.component.component_page import softmax_warning
from explain.app.widgets.take_along import take_along
from explain.figures import Sheet, Theme
from explain.figures.results.ablations import draw_effect

__all__ = ["page"]

ROWS = 20  # of the table, until all are asked for
FAIR = "So features stay as strong as they were, on average; only the differences between the gates are gone."
GATE_NOTES = {
    "one": "Most gates are near a half. At 1 features arrive about twice as strong, which the layers after it never "
    "saw in training: most of what the picture loses is lost to that, not to the attention.",
    "zero": "Nothing passes through that attention any more.",
}
EVERY_KIND = "every"


def page() -> None:
    """Shows the ablation bench."""
    here = context()
    headed(TOPICS[here.page])
    softmax_warning(here)
    off = _off(here)
    keys = switched(here.config, off)
    with st.container(key="effect"):  # where the guided tour leads
        _pills("The whole network", "off_everywhere", everywhere(here.config), off)
        gates = _gates(here, keys, off)
        _effect(here, off, keys, gates)
    known = {switch.key for switch in everywhere(here.config)}
    elsewhere = here.view.extra("kind") is not None or any(key not in known for key in off)
    with controls.fold("places", "Single blocks, groups and places", "toggle_off", elsewhere):
        _switches(here, off)
    sorted_by_visitor = any(here.view.extra(name) is not None for name in ("sort", "filter", "all"))
    with controls.fold("worth", "What every part is worth", "leaderboard", sorted_by_visitor):
        _table(here, off)
    _take_along(here, keys, gates)


def _off(here: Context) -> tuple[str, ...]:
    """The switches that the address has off; what it calls otherwise gets a sentence."""
    off, unknown = read_off(here.view.extra("off") or "", here.config)
    if unknown:
        text = ", ".join(map(quoted, unknown[:3])) + (", …" if len(unknown) > 3 else "")
        st.info(f"This network has nothing to switch off that is called {text}.", icon=":material/link_off:")
    return off


def _switches(here: Context, off: tuple[str, ...]) -> None:
    _pills("Whole blocks and groups", "off_wholes", wholes(here.config), off)
    with st.container(horizontal=True, gap="medium"):
        kind = controls.choose("kind", "What", PLACED, PLACED[0], lambda name: _capital(KINDS[name].words), width=260)
        _choose_block(here)
    choice = here.view.choice
    block = f"rrg_{choice.group}/mrb_{choice.block}"
    where = f"In block {choice.block} of group {choice.group}"
    _pills(where, "off_places", within_block(here.config, kind, block), off)


def _gates(here: Context, keys: Iterable[str], off: Sequence[str]) -> str:
    """What gates become that are switched off, to be chosen where there are any; and the button to switch all on."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if any(one.replaces_gates for one in choose(here.config, keys)):
            label = "Gates become"
            gates = controls.choose("gates", label, tuple(GATES), MEAN, lambda name: GATES[name].label, width=260)
        else:
            gates = controls.option("gates", tuple(GATES), MEAN)
        if off:
            st.button("Switch all on again", key="off_none", icon=":material/restart_alt:", on_click=_write, args=((),))
    return gates


def _choose_block(here: Context) -> None:
    config, choice = here.config, here.view.choice
    valid = [(group, block) for group in range(1, config.groups + 1) for block in range(1, config.blocks + 1)]
    st.session_state["off_block"] = choice.group, choice.block

    def choose() -> None:
        group, block = st.session_state["off_block"]
        view = context().view
        change(replace(view, choice=replace(view.choice, group=group, block=block)))

    st.segmented_control(
        "Block (group · block)",
        valid,
        required=True,
        format_func=lambda one: f"{one[0]} · {one[1]}",
        key="off_block",
        on_change=choose,
    )


def _pills(label: str, key: str, switches: Sequence[Switch], off: tuple[str, ...]) -> None:
    """Some of the switches; the others keep what they are."""
    text = {switch.key: switch.label for switch in switches}
    options = list(text)
    st.session_state[key] = [one for one in text if one in off]

    def write() -> None:
        now, _ = read_off(context().view.extra("off") or "", context().config)
        kept = [one for one in now if one not in text]
        _write((*kept, *st.session_state[key]))

    st.pills(label, options, selection_mode="multi", format_func=lambda one: text[one], key=key, on_change=write)


def _write(keys: Sequence[str]) -> None:
    text = write_off(keys)
    if text is None:
        st.toast(
            f"The address has room for {LONGEST_EXTRA} letters: switch something on first, or use the switches above "
            "for the whole network.",
            icon=":material/link_off:",
        )
        return
    controls.put(off=text or None)


def _effect(here: Context, off: tuple[str, ...], keys: tuple[str, ...], gates: str) -> None:
    with st.spinner("Running the network with and without …"):
        found = effect_of(here.setup, here.photo, keys, gates)
    if not off:
        st.markdown(":material/toggle_on: **Nothing is switched off.** Choose one or several above.")
    st.html(f"{pictures(found, here.photo, here.theme)}{changes(found)}")
    known = singles(here.config)
    st.markdown("\n".join(f"- **{known[key].title}:** {known[key].says(gates)}" for key in off))
    notes = []
    if any(one.replaces_gates for one in found.chosen):
        notes.append(GATE_NOTES.get(gates, FAIR))
    if out_of_range := beyond(found) if keys else "":
        notes.append(out_of_range)
    if notes:
        st.caption(" ".join(notes))


def _table(here: Context, off: tuple[str, ...]) -> None:
    measured = table_of(here.setup)
    if measured is None:
        st.info(_unmeasured(here), icon=":material/rule:")
        return
    known, count = facts_about(here.setup), len(measured.photos)
    weights = "with the shipped weights" if known.shipped is not None else f"with {plain(known.title)}"
    if count < len(sample_names()):
        weights += " (the others are being measured)"
    st.markdown(
        f"Each part switched off **by itself**, on {count} sample photo{'s' if count > 1 else ''} {weights}: PSNR "
        "lost, gates at their own mean. Below zero, photos come out better without the part. Parts can stand in for "
        "each other, so losses do not add up. Click on a bar to switch that part off."
    )
    everything = lines_of(measured, here.config, here.view.photo)
    columns = [name for name in COLUMNS if name != "here" or everything[0].here is not None]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kinds = (EVERY_KIND, *KINDS)
        kind = controls.choose("filter", "Kind", kinds, EVERY_KIND, _kind_label, width=260)
        by = controls.choose("sort", "Sorted by", columns, "loss", COLUMNS.__getitem__, width=200)
        whole = controls.flip("all", "All rows")
    lines = sorted_lines([line for line in everything if kind in (EVERY_KIND, line.kind)], by)
    shown = lines if whole else lines[:ROWS]
    on = off[0] if len(off) == 1 else ""
    spans(
        bars(shown, by, on, here.theme),
        "What every part is worth",
        here.theme,
        ends(everything, by),
        legend(here.theme),
        Pick("value", "ablations", _switch_alone),
    )
    if len(shown) < len(lines):
        st.caption(f"The first {len(shown)} of {len(lines)}.")
    st.caption(
        "Differs by (rms): root mean square of the difference to the intact picture, in grey levels of 255. "
        f"Brightness: its mean. Both, as the loss, are means over the {len(measured.photos)} photos; only “This photo” "
        "is about the one above."
    )
    with st.expander("All numbers as a table"):
        table(lines, len(measured.photos))


def _unmeasured(here: Context) -> str:
    """Why there is no table, in a sentence."""
    if here.setup.softmax != here.view.usual:
        return "Not measured with the wrong softmax: the table would be about another network."
    found = progress(here.setup)
    if found is None:
        return (
            "Not measured: switching off every part of a network of this size takes too long for a page; "
            "`mirnet ablate PHOTO --weights …` does it for one photo."
        )
    return (
        f"Being measured in the background, whenever no page is asked for: {found.done} of {found.total} parts on the "
        "first photo. Come back to this page in a few minutes."
    )


def _switch_alone(key: str) -> None:
    """Switches one part off and all others on; the one that is off alone is switched on again."""
    if key == context().view.extra("off"):
        controls.put(off=None)
        return
    controls.put(off=key)
    st.toast(f"Switched off, see above: {singles(context().config)[key].title}", icon=":material/arrow_upward:")


def _kind_label(name: str) -> str:
    return "Every kind" if name == EVERY_KIND else _capital(KINDS[name].words)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _take_along(here: Context, keys: tuple[str, ...], gates: str) -> None:
    setup, photo = here.setup, here.photo

    def draw(theme: Theme) -> Sheet:
        return draw_effect(effect_of(setup, photo, keys, gates), photo.pixels, photo.reference, theme)

    lines = code(setup, here.view.photo, keys, photo.reference is not None, gates)
    take_along(here, {"Without these parts": draw}, code=lines)
