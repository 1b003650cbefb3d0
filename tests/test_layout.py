"""The layout of the product: folders of a dozen files, one meaning for each name, and imports that run one way.

CONTRIBUTING.md says where things go; these tests hold it. They read the imports and classes as text, so that an import
inside a function counts as well: it only hides a circle.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = (
    "mirnet_packages",
    "model",
    "embedded",
    "explain",
    "lessons",
    "mirnet_explainer",
    "tools",
)  # each may import those before it
# One import runs against the order: `mirnet lessons` writes the notebooks, and is a command like the others.
EXCEPTIONS = {("explain.cli.commands.lessons", "lessons")}

CODE = (".py", ".c", ".h", ".cpp", ".ino", ".js", ".css", ".in")
MOST_FILES = 14
LARGE = {"explain/cli/commands", "embedded/codegen/kernels", "embedded/sketch/files"}  # a file for each of something

GENERIC = {"__init__", "__main__", "main"}
# A component is called the same wherever something is said about it.
COMPONENTS = {
    "attention", "channel_attention", "dau", "downsample", "mirnet", "mrb", "resizing", "rrg", "skff",
    "spatial_attention", "upsample",
}  # fmt: skip
PLACES = {
    "model",
    "model/contracts/components",
    "explain/figures/components",
    "explain/app/views/component/sections",
    "lessons/checks",
}
COMMANDS = "explain/cli/commands"


def product_files() -> list[Path]:
    """All files of code that a user or a contributor runs, relative to the root."""
    tops = [path for path in ROOT.glob("*.py") if path.stem in ORDER]
    inside = [path for top in ORDER for path in (ROOT / top).rglob("*") if path.suffix in CODE]
    found = (path.relative_to(ROOT) for path in [*tops, *inside])
    return sorted(path for path in found if "__pycache__" not in path.parts)


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in product_files() if path.suffix == ".py"}


def imported(path: Path) -> Iterable[str]:
    """The modules of ours that a file imports, also inside its functions."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            while name and name not in MODULES:
                name = name.rpartition(".")[0]
            if name and name != module_name(path):
                yield name


IMPORTS = {name: set(imported(path)) for name, path in MODULES.items()}


def circle(graph: Mapping[str, Iterable[str]]) -> str:
    """One circle of a graph in words; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        return " <- ".join(found.args[1])
    return ""


def test_a_folder_has_a_dozen_files_of_code():
    count = Counter(path.parent.as_posix() for path in product_files())
    full = {folder: files for folder, files in count.items() if files > MOST_FILES and folder not in LARGE}
    assert not full, f"more than {MOST_FILES} files of code; a folder inside would say what some have in common"


def test_a_file_name_means_one_thing():
    places = defaultdict(list)
    for path in MODULES.values():
        if path.stem not in GENERIC:
            places[path.stem].append(path.parent.as_posix())
    twice = {}
    for stem, folders in places.items():
        allowed = PLACES if stem in COMPONENTS else set()
        others = [folder for folder in folders if folder not in allowed]
        if COMMANDS in others and len(folders) == 2:  # a command beside what it computes
            continue
        if len(others) > (0 if len(folders) > len(others) else 1):
            twice[stem] = folders
    assert not twice


def test_a_public_class_name_means_one_thing():
    homes = defaultdict(list)
    for name, path in MODULES.items():
        if path.parts[0] == "lessons" and path.stem[0].isdigit():
            continue  # cells, in which a learner writes a component of the same name
        for node in ast.parse((ROOT / path).read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    assert not {name: where for name, where in homes.items() if len(where) > 1}


def test_no_file_imports_in_a_circle():
    assert not circle(IMPORTS)


@pytest.mark.parametrize(
    "folder", sorted({".".join(name.split(".")[:depth]) for name in MODULES for depth in range(name.count(".") + 1)})
)
def test_no_folder_imports_in_a_circle(folder):
    """What lies in one folder, files and folders with all that is in them, can be put into an order."""
    graph = defaultdict(set)
    for name, others in IMPORTS.items():
        for other in others:
            here, there = (child(folder, module) for module in (name, other))
            if here and there and here != there and (name, other.split(".")[0]) not in EXCEPTIONS:
                graph[here].add(there)
    assert not circle(graph)


def child(folder: str, module: str) -> str:
    """Which file or folder of `folder` a module is, or lies in; empty when it lies elsewhere."""
    inside = f"{folder}." if folder else ""
    if module == folder or not module.startswith(inside):
        return ""
    return inside + module.removeprefix(inside).split(".")[0]


def test_no_import_runs_upwards():
    for lower, upper in pairwise(ORDER):
        assert ORDER.index(lower) < ORDER.index(upper)
    upwards = {
        (name, other)
        for name, others in IMPORTS.items()
        for other in others
        if ORDER.index(other.split(".")[0]) > ORDER.index(name.split(".")[0])
    }
    assert {(name, other.split(".")[0]) for name, other in upwards} <= EXCEPTIONS, upwards


def test_streamlit_finds_no_page_of_its_own():
    """It would look into a folder `pages` beside the script, and call the addresses of `st.navigation` unknown."""
    assert not (ROOT / "explain/app/pages").exists()
