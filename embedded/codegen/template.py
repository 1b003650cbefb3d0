"""Templates, text files with `$names`: the generated C, the linker's script, the sketch's README."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

__all__ = ["fill", "fill_file"]

TEMPLATES = Path(__file__).parent / "templates"


def fill(name: str, **values: object) -> str:
    """The text of a template of `embedded/codegen/templates/` with these values."""
    return fill_file(TEMPLATES / name, values)


def fill_file(path: Path, values: Mapping[str, object]) -> str:
    """The text of any template; a name without a value is a `KeyError`."""
    return Template(path.read_text(encoding="utf-8")).substitute(values)
