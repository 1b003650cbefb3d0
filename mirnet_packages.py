"""Names and locations of our four top-level packages, checked before one of them is imported.

They have everyday names, as the paper's readers would look for them, and a student's own `model.py` has one too. If
Python finds that file first, every later error would be about a name missing in it. So the `mirnet` command looks
here first. Imports the standard library only; everything of ours may import this.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["PACKAGES", "ROOT", "complaint", "found_at", "lazy_names", "strangers"]

PACKAGES = ("model", "explain", "embedded", "lessons")
ROOT = Path(__file__).resolve().parent
"""The folder that holds our four packages: a checkout, or site-packages."""


def found_at(name: str) -> Path | None:
    """Say which file or folder `import name` takes, without importing it; None when there is none."""
    try:
        spec = find_spec(name)
    except ValueError:  # something put a module without a spec into sys.modules
        spec = PathFinder.find_spec(name)
    if spec is None:
        return None
    if spec.origin and spec.origin not in ("frozen", "built-in"):
        return Path(spec.origin).resolve()
    for folder in spec.submodule_search_locations or ():  # a folder without __init__.py
        return Path(folder).resolve()
    return None


def strangers(root: Path = ROOT) -> dict[str, Path | None]:
    """Our package names that lead elsewhere than to `root`, with where they lead (None: nowhere)."""
    places = {name: found_at(name) for name in PACKAGES}
    return {name: place for name, place in places.items() if place != root / name / "__init__.py"}


def complaint(name: str, place: Path | None) -> str:
    """One line on a package name that is not ours: what was found, and how to fix it."""
    if place is None:
        return f"the package `{name}` of MIRNet Explainer is not there: install it again (pip install mirnet-explainer)"
    return (
        f"`{name}` is {place}, not the package of MIRNet Explainer: rename that, start from another folder, "
        "or take its folder out of PYTHONPATH"
    )


def lazy_names(package: str, home: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """What a package calls `__getattr__` and `__dir__` (PEP 562).

    Args:
        package: Its name, `__name__`.
        home: Public name to the module inside the package that defines it.
    """

    def getattr_(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{home[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def dir_() -> list[str]:
        return sorted({*vars(sys.modules[package]), *home})

    return getattr_, dir_
