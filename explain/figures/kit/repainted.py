"""A figure of matplotlib that was drawn in one theme, in the colours of another."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from matplotlib.artist import Artist
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_hex, to_rgba, to_rgba_array
from matplotlib.figure import Figure

from explain.figures.kit.themes import Theme

__all__ = ["repainted"]

COLOURS = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
Pairs = Mapping[str, str]


@contextmanager
def repainted(figure: Figure, drawn: Theme, wanted: Theme, also: Pairs | None = None) -> Iterator[None]:
    """For a while, a figure in the colours of another theme; photos and colours that are of no theme stay.

    Args:
        figure: Any; one that was saved before has all its ticks.
        drawn: The theme whose colours it has.
        wanted: The theme whose colours it gets.
        also: More colours, `#rrggbb`, and what they become.
    """
    undo: list[tuple[Any, str, Any]] = []
    pairs = _pairs(drawn, wanted) | dict(also or {})
    for artist in _artists(figure):
        if isinstance(artist, ScalarMappable) and artist.get_array() is not None:  # its colours are values
            changes = {"cmap": (drawn.signed, wanted.signed)} if artist.get_cmap().name == drawn.signed else {}
        else:
            found = {name: (before, _swapped(before, pairs)) for name, before in _colours_of(artist)}
            changes = {name: both for name, both in found.items() if both[1] is not None}
        for name, (before, after) in changes.items():
            undo.append((artist, name, before))
            artist.set(**{name: after})
    try:
        yield
    finally:
        for artist, name, before in reversed(undo):
            artist.set(**{name: before})


def _pairs(drawn: Theme, wanted: Theme) -> dict[str, str]:
    names = [each.name for each in fields(Theme) if str(getattr(drawn, each.name)).startswith("#")]
    one = {getattr(drawn, name): getattr(wanted, name) for name in reversed(names)}  # the background's comes last
    return one | dict(zip(drawn.streams, wanted.streams, strict=True))


def _artists(figure: Figure) -> Iterator[Artist]:
    for artist in figure.findobj():
        yield artist
        arrow = getattr(artist, "arrow_patch", None)  # of an annotation, which does not count it as its own
        if arrow is not None:
            yield arrow


def _colours_of(artist: Artist) -> Iterator[tuple[str, Any]]:
    """Every colour that an artist has and that can be set."""
    for name in COLOURS:
        if hasattr(artist, f"get_{name}") and hasattr(artist, f"set_{name}"):
            yield name, getattr(artist, f"get_{name}")()


def _swapped(value: Any, pairs: Pairs) -> Any:
    """A colour, or several, with those of the pairs exchanged; None where there are none of them."""
    one: list[Any]
    try:
        one = [to_rgba(value)]
    except ValueError:
        one = [tuple(row) for row in to_rgba_array(value)]
    new = [(*to_rgba(pairs.get(to_hex(each), each))[:3], each[3]) for each in one]
    if new == one:
        return None
    return new[0] if len(new) == 1 else new
