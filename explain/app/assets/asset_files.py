"""Scripts, style sheets and templates of the page: files in `scripts/`, `styles/` and `templates/`, read once."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader

__all__ = ["asset", "rendered", "style"]

FOLDERS = {".css": "styles", ".js": "scripts", ".html": "templates"}


@cache
def asset(*names: str) -> str:
    """The text of one file, or of several, one after the other."""
    return "\n".join(_file(name).read_text(encoding="utf-8") for name in names)


def style(*names: str) -> str:
    """Style sheets as an element, for HTML of ours."""
    return f"<style>{asset(*names)}</style>"


def rendered(name: str, **values: Any) -> str:
    """A template filled in; what is no markup of ours is escaped."""
    return _templates.get_template(name).render(values)


def _file(name: str) -> Traversable:
    return files("explain.app.assets") / FOLDERS[Path(name).suffix] / name


_templates = Environment(loader=FunctionLoader(asset), autoescape=True, trim_blocks=True, lstrip_blocks=True)
