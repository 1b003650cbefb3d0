"""The reference pages of `make docs`: one for each folder of the packages, made of its modules' docstrings.

MkDocs runs this as a hook (mkdocs.yml). The modules are read as text, and never imported.
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("model", "embedded", "explain", "lessons")


def folders(package: str) -> list[Path]:
    """The package's folders that hold modules, relative to the root, the package itself first."""
    return sorted(path.parent.relative_to(ROOT) for path in (ROOT / package).rglob("__init__.py"))


def page_of(folder: Path) -> str:
    """Markdown: the folder's own docstring, then that of every module in it with its public names."""
    modules = sorted(path for path in (ROOT / folder).glob("*.py") if path.stem.isidentifier())  # a lesson's are not
    names = [".".join((*folder.parts, path.stem)).removesuffix(".__init__") for path in modules]
    return "\n\n".join([f"# {folder.as_posix()}/", *(f"::: {name}" for name in names)])


def menu_name(folder: Path) -> str:
    """What the menu calls a folder: its path within the package."""
    return "/".join(folder.parts[1:]) or folder.name


def address(folder: Path) -> str:
    """Where the folder's page is among the documents."""
    return f"reference/{'.'.join(folder.parts)}.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages into the menu, under one entry for each package."""
    reference = [
        {package: [{menu_name(folder): address(folder)} for folder in folders(package)]} for package in PACKAGES
    ]
    config.nav = [*(config.nav or []), {"API reference": reference}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, which exist nowhere as files."""
    for package in PACKAGES:
        for folder in folders(package):
            files.append(File.generated(config, address(folder), content=page_of(folder)))
    return files
