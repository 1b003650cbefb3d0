"""What the tests of the page share: the charts and tables that a function shows, without a page around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pytest


@dataclass(frozen=True)
class Shown:
    """A chart.

    Attributes:
        spec: Vega-Lite, without its data.
        rows: The data.
        label: What a screen reader says.
        on_select: Called after a click.
    """

    spec: dict[str, Any]
    rows: Sequence[dict[str, Any]]
    label: str
    on_select: Any

    def encodings(self, mark: str) -> list[dict[str, Any]]:
        """Of all layers with this kind of mark."""
        layers = self.spec.get("layer", [self.spec])
        return [layer["encoding"] for layer in layers if layer["mark"]["type"] == mark]

    def column(self, field: str) -> list[Any]:
        """A field of all rows."""
        return [row.get(field) for row in self.rows]


@pytest.fixture
def charts(monkeypatch) -> list[Shown]:
    """The charts that are shown, each a valid Vega-Lite specification."""
    found: list[Shown] = []

    def keep(spec, alt, key=None, on_select=None):
        check(spec)
        found.append(Shown(spec, spec.pop("datasets")["rows"], alt, on_select))

    monkeypatch.setattr("streamlit.vega_lite_chart", keep)
    monkeypatch.setattr("streamlit.session_state", {})
    return found


def check(spec: dict[str, Any]) -> None:
    """Raises if it is no Vega-Lite."""
    alt.Chart.from_dict(spec).to_dict(validate=True)
