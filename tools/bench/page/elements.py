"""Elements of a page as the server describes them: position, label, widget state."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState

from model.errors import MirnetError

__all__ = ["Elements", "Missing", "Placed", "state_of", "triggers_of"]

EXPECTED = re.compile("checks fail")  # an error message that a page shows when it is asked to
CONTROLS = (
    *("slider", "selectbox", "radio", "button_group", "checkbox"),
    *("number_input", "text_input", "file_uploader", "button"),
)
Path = tuple[int, ...]


class Missing(MirnetError):
    """The page has not got what the visitor wants to use."""


@dataclass(frozen=True)
class Placed:
    """An element, and the part of the page that runs alone when it is changed (empty: all of it)."""

    element: Element
    fragment: str


class Elements:
    """A page's elements, in their order; built up while its run lasts."""

    def __init__(self) -> None:
        self._placed: dict[Path, Placed] = {}
        self._fresh: set[Path] = set()  # those of this run
        self._fragments: frozenset[str] = frozenset()
        self._refused: list[str] = []

    def __iter__(self) -> Iterator[Element]:
        return (placed.element for _, placed in sorted(self._placed.items()))

    def begin(self, fragments: Iterable[str]) -> None:
        """A run begins: of the whole page, or of some fragments of it."""
        self._fresh, self._fragments, self._refused = set(), frozenset(fragments), []

    def place(self, path: Path, delta: Delta) -> None:
        """Puts an element or a container at its position; what was there is removed."""
        if delta.WhichOneof("type") == "new_transient":  # a spinner: beside the elements, and removed in a moment
            return
        for other in [other for other in self._placed if other[: len(path)] == path]:
            # A container that comes again keeps what is inside: that is put anew, or goes at the end of the run.
            if other == path or delta.HasField("new_element"):
                del self._placed[other]
        if delta.HasField("new_element"):
            self._placed[path] = Placed(delta.new_element, delta.fragment_id)
            self._fresh.add(path)

    def end(self) -> None:
        """The run is finished: what it did not show again is removed."""
        self._placed = {
            path: placed
            for path, placed in self._placed.items()
            if path in self._fresh or (self._fragments and placed.fragment not in self._fragments)
        }

    def refuse(self, problem: str) -> None:
        """Notes something that went wrong without an element that says so."""
        self._refused.append(problem)

    def problems(self) -> tuple[str, ...]:
        """Exceptions, error messages, and what was refused."""
        found = list(self._refused)
        for element in self:
            if element.HasField("exception"):
                found.append(f"{element.exception.type}: {element.exception.message}")
            elif element.HasField("alert") and element.alert.format == Alert.ERROR:
                found += [] if EXPECTED.search(element.alert.body) else [element.alert.body]
        return tuple(found)

    def control(self, label: str) -> Placed:
        """The first control that can be used and whose label has the regular expression.

        Raises:
            Missing: If there is none; with the labels that there are.
        """
        labels = []
        for _, placed in sorted(self._placed.items()):
            kind = placed.element.WhichOneof("type")
            if kind in CONTROLS:
                control = getattr(placed.element, kind)
                if re.search(label, control.label) and not control.disabled:
                    return placed
                labels.append(control.label)
        raise Missing(f"the page has no control {label!r}, only {', '.join(labels)}")


def state_of(element: Element, value: bool | int | float | str | None) -> list[WidgetState]:
    """What the browser sends when a control is given a value, see `Visitor.use`.

    Raises:
        Missing: If the control has no such value.
    """
    kind = str(element.WhichOneof("type"))
    control = getattr(element, kind)
    state = WidgetState(id=control.id)
    if kind == "button":
        state.trigger_value = True
    elif kind == "checkbox":
        state.bool_value = bool(value)
    elif kind == "slider":
        state.double_array_value.data.append(_on_slider(control, value))
    elif kind == "number_input":
        state.double_value = float(value or 0)
    elif kind == "button_group":
        contents = [option.content for option in control.options]
        state.string_array_value.data.append(_option(control.label, contents, value))
    elif kind in ("selectbox", "radio"):
        state.string_value = _option(control.label, control.options, value)
    else:
        state.string_value = str(value)
    return [state]


def _on_slider(control, value) -> float:
    """A number within the slider's range; of a slider over options, the number of the option."""
    if isinstance(value, str):
        return float(list(control.options).index(_option(control.label, control.options, value)))
    return min(max(float(value or 0), control.min), control.max)


def _option(label: str, options: Iterable[str], value) -> str:
    for option in options:
        if re.search(str(value), option):
            return option
    raise Missing(f"{label} has no option {value!r}, only {', '.join(options)}")


def triggers_of(elements: Elements, event: str, value: object) -> tuple[Placed, list[WidgetState]]:
    """The component that has an event of this name, and what the browser sends when it happens.

    Raises:
        Missing: If no component on the page speaks of such an event.
    """
    for _, placed in sorted(elements._placed.items()):
        component = placed.element.bidi_component
        if placed.element.HasField("bidi_component") and f'"{event}"' in component.js_content:
            # Streamlit's name for what a component reports once, such as a click.
            state = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{component.id}__events")
            state.json_trigger_value = json.dumps([{"event": event, "value": value}])
            return placed, [state]
    raise Missing(f"no component on the page reports {event!r}")
