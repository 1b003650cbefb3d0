"""Costs that several parts of the page show, counted once: of the whole network, and of one component of each shape."""

from dataclasses import replace

import streamlit as st

from explain.app.catalog.choices import Choice, channels, fields, settle, site
from explain.app.compute.runner import RIGHT, Setup, configuration, network
from explain.tracing.costs import Cost, cost
from model.contracts import component_at

__all__ = ["counted"]


def counted(setup: Setup, kind: str, choice: Choice, size: tuple[int, int]) -> Cost:
    """The cost of a component on a photo of a size (height, width); a whole network takes a second the first time.

    Groups and blocks are all alike, and what SKFF's weights compete over changes no number.
    """
    own = {field: getattr(choice, field) for field in fields(kind) if field not in ("group", "block")}
    return _counted(replace(setup, softmax=RIGHT), kind, settle(kind, configuration(setup), Choice(**own)), size)


@st.cache_resource(max_entries=200, show_spinner=False)
def _counted(setup: Setup, kind: str, choice: Choice, size: tuple[int, int]) -> Cost:
    component = component_at(network(setup)[0], site(kind, choice))
    width = channels(kind, configuration(setup), choice) if kind == "spatial_attention" else None
    # Of the stream that the component reads; SKFF's streams have all come to one resolution.
    scale = 1 if kind in ("mirnet", "rrg", "mrb") else 2 ** (choice.stream - 1)
    scale *= 1 if kind == "mirnet" else configuration(setup).stem
    return cost(component, (size[0] // scale, size[1] // scale), width)
