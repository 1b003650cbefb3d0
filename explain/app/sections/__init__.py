"""What only one kind of component's page shows, between its figure and its formula: a file each."""

from collections.abc import Callable

from explain.app.session import Context

__all__ = ["SECTIONS"]

SECTIONS: dict[str, Callable[[Context], None]] = {}
"""By kind of component: draws the section."""
