"""The chosen component in numbers: shapes, parameters, MACs, and where else its parameters serve."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from explain.app.catalog.choices import Choice, site
from explain.app.compute.part_costs import counted
from explain.app.compute.runner import Setup, network
from explain.app.shell.glossary_hover import facts_list
from explain.app.url.session import Context
from explain.app.widgets.decimals import of_three_digits
from explain.tracing.sites import label
from model.contracts import call_sites, component_at

__all__ = ["Facts", "facts", "facts_of"]

UNCOUNTED = "products with gates, with SKFF's weights and with fixed numbers (blur, enlargement)"


@dataclass(frozen=True)
class Facts:
    """A component in numbers.

    Attributes:
        takes: Shape of the input, `3 × 240×360×16` for three streams.
        gives: Shape of the output.
        parameters: Learned parameters, all of its own counted once.
        macs: Multiply-accumulates of one call.
        also_at: Other call sites of the same layer.
    """

    takes: str
    gives: str
    parameters: int
    macs: int
    also_at: tuple[str, ...]


@st.cache_data(max_entries=500, show_spinner=False)
def facts_of(setup: Setup, kind: str, choice: Choice, size: tuple[int, int]) -> Facts:
    """Counts one component on a photo of a size (height, width)."""
    net, _ = network(setup)
    where = site(kind, choice)
    component = component_at(net, where)
    found = counted(setup, kind, choice, size)
    takes = "×".join(map(str, found.inputs[0][1:]))
    also = tuple(other for other, layer in call_sites(net) if layer is component and other != where)
    return Facts(
        takes=f"{len(found.inputs)} × {takes}" if len(found.inputs) > 1 else takes,
        gives="×".join(map(str, found.outputs[0][1:])),
        parameters=found.parameters,
        macs=found.macs,
        also_at=also,
    )


def facts(here: Context, kind: str) -> None:
    """Shows the facts of the chosen component."""
    found = facts_of(here.setup, kind, here.view.choice, here.photo.size)
    rows = {
        "input": found.takes,
        "output": found.gives,
        "parameters": f"{found.parameters:,}",
        "multiply–accumulates (MACs)": of_three_digits(found.macs, ("thousand", "million", "billion")),
    }
    parts, macs = rows["parameters"], rows["multiply–accumulates (MACs)"]
    with st.expander(f"In numbers: {parts} parameters, {macs} multiply–accumulates", icon=":material/calculate:"):
        _facts(rows, found)


def _facts(rows: Mapping[str, str], found: Facts) -> None:
    st.html(facts_list(rows))
    also = f" The same parameters also serve at: {'; '.join(map(label, found.also_at))}." if found.also_at else ""
    st.caption(f"MACs on this photo; {UNCOUNTED} are not counted.{also}")
