"""Text files with `$names` in them, filled in: the generated C, the linker's script, the sketch's README."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

__all__ = ["fill", "fill_file"]

TEMPLATES = Path(__file__).parent / "templates"


def fill(name: str, **values: object) -> str:
    """A file of `embedded/codegen/templates/`, filled in."""
    return fill_file(TEMPLATES / name, values)


def fill_file(path: Path, values: Mapping[str, object]) -> str:
    """Any text file, filled in; a name without a value is a `KeyError`."""
    return Template(path.read_text(encoding="utf-8")).substitute(values)
