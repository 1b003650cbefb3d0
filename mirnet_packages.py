"""Names and locations of our four top-level packages, checked before one of them is imported.

They have everyday names, as the paper's readers would look for them, and a student's own `model.py` has one too. If
Python finds that file first, every later error would be about a name missing in it. So the `mirnet` command looks
here first. Imports the standard library only; everything of ours may import this.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["PACKAGES", "ROOT", "complaint", "found_at", "lazy_names", "strangers"]

PACKAGES = ("model", "explain", "embedded", "lessons")
ROOT = Path(__file__).resolve().parent
"""The folder that holds our four packages: a checkout, or site-packages."""


MOVED = {
    "embedded.board": "embedded.budget.boards",
    "embedded.emit": "embedded.codegen.emit",
    "embedded.firmware": "embedded.cortexm.program",
    "embedded.fit": "embedded.budget.fit",
    "embedded.fixedpoint": "embedded.codegen.fixed_point",
    "embedded.job": "embedded.codegen.context",
    "embedded.mapping": "embedded.quantize.hook_mapping",
    "embedded.naming": "embedded.tflite.naming",
    "embedded.onboard": "embedded.cortexm.run_model",
    "embedded.packing": "embedded.memory.offsets",
    "embedded.shipped": "embedded.models.shipped_models",
    "embedded.sketchbook": "embedded.sketch.sketch_writer",
    "embedded.tables": "embedded.camera.pixel_tables",
    "embedded.toolchain": "embedded.cortexm.toolchain",
    "explain.analysis.receptive.gradients": "explain.tracing.gradients",
    "explain.app.board_data": "explain.app.data.board_measurements",
    "explain.app.study_data": "explain.app.data.study_results",
    "explain.figures.parts": "explain.figures.kit.part_colours",
    "explain.figures.skff": "explain.figures.components.skff",
    "explain.receptive": "explain.analysis.receptive",
    "explain.sites": "explain.tracing.sites",
    "model.arrays": "model.images.arrays",
    "model.darken": "model.images.darken",
    "model.pixels": "model.images.camera_formats",
    "model.step": "model.training.step",
}
"""First name of a module to its name of today."""


RENAMED = {"embedded.tables": {"folded": "network_input"}}
"""First name of a module to its names that have changed: the first name of each to that of today."""


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


class _MovedLoader(Loader):
    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        target = import_module(MOVED[name])
        if name in RENAMED:
            module.__dict__.update(vars(target) | {old: getattr(target, new) for old, new in RENAMED[name].items()})
        else:
            sys.modules[name] = target


class _MovedFinder(MetaPathFinder):
    """Finds modules by the names that they had first, which learners' notebooks import."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target=None) -> ModuleSpec | None:
        return ModuleSpec(fullname, _MovedLoader()) if fullname in MOVED else None


# The first to be asked: what an older checkout has left at the old place, `__pycache__` alone, is a package to Python.
sys.meta_path.insert(0, _MovedFinder())
