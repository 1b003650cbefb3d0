"""The rule of every tensor of a network, hook points and tensors between them, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from explain.cell.operands import Rule

__all__ = ["Book", "Entry", "Page"]


@dataclass(frozen=True, eq=False)
class Entry:
    """The rule of one tensor.

    Attributes:
        rule: Explains its values.
        run: Of an inner tensor, which no cache has: the network's own layer that makes it from `sources`.
        sources: The tensors that `run` takes.
    """

    rule: Rule
    run: Callable[..., Any] | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """Rules by the name of the tensor, in the order of execution."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def page(self, site: str = "") -> "Page":
        """Where the rules of the component at a call site are written."""
        return Page(self, site)


@dataclass(frozen=True)
class Page:
    """The rules of one component.

    Attributes:
        book: The book.
        site: The component's call site; empty for the whole network, or for a component run alone.
    """

    book: Book
    site: str

    def below(self, part: str) -> "Page":
        """The page of a component inside."""
        return Page(self.book, self.name(part))

    def name(self, end: str) -> str:
        """The full name of a tensor of this component."""
        return f"{self.site}/{end}" if self.site else end

    def add(self, end: str, rule: Rule) -> str:
        """Writes down the rule of a hook point; its full name comes back."""
        self.book.entries[self.name(end)] = Entry(rule)
        return self.name(end)

    def inner(self, end: str, rule: Rule, run: Callable[..., Any], *sources: str) -> str:
        """Writes down the rule of a tensor between two hook points, and how to make it; its name comes back."""
        self.book.entries[self.name(end)] = Entry(rule, run, sources)
        return self.name(end)
