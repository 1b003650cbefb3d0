"""What the map shows inside its boxes beside their names: a picture of what leaves the box, and a number."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

__all__ = ["PLAIN", "Mark", "Marks", "Note"]


@dataclass(frozen=True)
class Note:
    """A number at a call site.

    Attributes:
        text: Short, for the box: `83.2 k`.
        tooltip: The number and its unit in full: `83,200 parameters`.
        shade: How strong the box's colour gets, within [0, 1].
    """

    text: str
    tooltip: str
    shade: float


@dataclass(frozen=True)
class Mark:
    """What one box shows; nothing by default.

    Attributes:
        picture: Address of a picture.
        note: A number.
        slot: Hook point whose activation a script paints there.
    """

    picture: str = ""
    note: Note | None = None
    slot: str = ""


PLAIN = Mark()


@dataclass(frozen=True)
class Marks:
    """What all boxes show.

    Attributes:
        pictures: Hook name (or `photo`) to a picture's address.
        notes: Call site to its number, empty for none.
        upright: Whether the pictures are taller than wide.
        slots: Hook names (or `photo`) whose pictures a script paints.
    """

    pictures: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    upright: bool = False
    slots: Collection[str] = ()

    def picture(self, wide: bool) -> tuple[float, float]:
        """Pixels (width, height) that a picture has to fit, on a desk or on a phone."""
        long, short = (54, 36) if wide else (42, 28)
        return (short, long) if self.upright else (long, short)

    def at(self, site: str = "", hook: str = "") -> Mark:
        """What the box of a call site shows, whose result passes a hook point; either may be empty."""
        slot = hook if hook in self.slots else ""
        return Mark(self.pictures.get(hook, ""), self.notes.get(site) if site else None, slot)

    def height(self, lines: int, wide: bool) -> float:
        """Pixels of a box with so many lines of text, and with all that comes on top."""
        more = 15 * bool(self.notes) + (self.picture(wide)[1] + 4) * bool(self.pictures or self.slots)
        return 15 * lines + 12 + more if more else 42

    def total(self, site: str) -> str:
        """The number of a whole drawing, for its heading: ` · 333 k`; empty without numbers."""
        return f" · {self.notes[site].tooltip}" if site in self.notes else ""
