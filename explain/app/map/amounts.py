"""What the map can say in numbers: parameters, MACs or memory of every part (`explain.tracing.costs`)."""

from collections.abc import Mapping

import streamlit as st

from explain.app.catalog.choices import Choice
from explain.app.compute.part_costs import counted
from explain.app.compute.runner import Setup
from explain.app.map.marks import Note
from explain.app.widgets.decimals import of_three_digits
from explain.tracing.sites import label

__all__ = ["EXPLAINED", "LAYERS", "NONE", "SHADES", "Amounts", "amounts", "notes"]

NONE = "none"
LAYERS: Mapping[str, str] = {
    NONE: "nothing",
    "parameters": "parameters",
    "macs": "MACs",
    "memory": "memory",
}
"""What the address calls them, and what the page calls them."""

_SHADES = "The stronger the colour, the more: beside the other groups, the other blocks, or all other parts of blocks."
EXPLAINED: Mapping[str, str] = {
    "parameters": "Numbers: learned parameters (k: thousand). Weights that serve at several call sites count at the "
    f"first one; the others are “shared”. {_SHADES}",
    "macs": "Numbers: multiply–accumulates (MACs) with learned weights on this photo (M: million, G: billion). "
    f" {_SHADES}",
    "memory": "Numbers: bytes of all tensors that come to be inside on this photo, as training keeps them: 4 for each "
    f"number (MB: million bytes). {_SHADES}",
}
"""Layer to the text of its legend."""
SHADES = (
    '<div class="legend"><span>none</span><i role="img" aria-label="shades" style="background: '
    'linear-gradient(90deg, rgb(230 159 0 / .03), rgb(230 159 0 / .6))"></i><span>most</span></div>'
)
"""The legend of the shades, whose colour is that of `explain.app.map.boxes`."""

UNITS: Mapping[str, str] = {"parameters": "parameters", "macs": "multiply-accumulates", "memory": "bytes"}
DEEPEST = 3  # slashes in the call sites that the map shows

Amounts = dict[str, dict[str, tuple[int, str | None]]]
"""Layer to call site to its number, and where the same weights were counted before."""


@st.cache_data(max_entries=20, show_spinner=False)
def amounts(setup: Setup, size: tuple[int, int]) -> Amounts:
    """Counts a network on a photo of a size (height, width); that takes two seconds the first time."""
    found: Amounts = {layer: {} for layer in UNITS}
    for each in counted(setup, "mirnet", Choice(), size).walk():
        if each.kind and each.site.count("/") <= DEEPEST:
            found["parameters"][each.site] = each.parameters, each.shared_with
            found["macs"][each.site] = each.macs, None
            found["memory"][each.site] = each.activation_bytes, None
    return found


def notes(found: Amounts, layer: str) -> dict[str, Note]:
    """The numbers of one layer for the map; a box is coloured the stronger the larger its number beside its kind."""
    if layer == NONE:
        return {}
    rows, largest = found[layer], dict[int, int]()
    for site, (value, _) in rows.items():
        level = _level(site)
        largest[level] = max(value, largest.get(level, 1))
    return {
        site: Note(
            _short(value, layer) if shared is None else "shared",
            _tooltip(value, layer, shared, rows[""][0]),
            value / largest[_level(site)],
        )
        for site, (value, shared) in rows.items()
    }


def _level(site: str) -> int:
    """Groups stand beside groups, blocks beside blocks, and all parts of blocks beside each other."""
    return min(site.count("/"), 2) if site else -1


def _short(value: int, layer: str) -> str:
    """`83.2 k`, `1.63 G`, `12.4 MB`."""
    if layer != "memory":
        return of_three_digits(value, ("k", "M", "G"))
    return of_three_digits(value, ("kB", "MB", "GB")) + (" B" if value < 1000 else "")


def _tooltip(value: int, layer: str, shared: str | None, whole: int) -> str:
    if shared is not None:
        return f"same weights as {label(shared)}"
    share = 100 * value / whole
    return f"{value:,} {UNITS[layer]}" + (f", {share:.{0 if share >= 10 else 1}f} % of all" if value < whole else "")
