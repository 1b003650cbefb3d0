"""The lessons as a part of the site: their pages with its menu, pictures as small files, notebooks without outputs."""

import json
import re
from pathlib import Path

from explain.site.picture_store import PictureStore
from explain.site.site_pages import lesson_on_site

__all__ = ["make_small"]

PICTURE_FILE = re.compile(r'(?<=src="|set=")[\w-]+\.png(?=")')


def make_small(folder: Path, present: set[str]) -> None:
    """Rewrites a copy of what `make lessons` has made, a tenth as large: every page's pictures are inside of it there.

    Args:
        folder: The copy.
        present: As for `site_pages.menu`.

    Raises:
        OSError: If it cannot be written.
    """
    store, replaced = PictureStore(), set[Path]()

    def moved(found: re.Match[str]) -> str:
        path = folder / found[0]
        replaced.add(path)
        return "img/" + store.name(path.read_bytes())

    for page in sorted(folder.glob("*.html")):
        html = lesson_on_site(page.read_text(encoding="utf-8"), present)
        page.write_text(PICTURE_FILE.sub(moved, store.moved(html, "img/")), encoding="utf-8")
    for path in replaced:
        path.unlink()
    (folder / "img").mkdir(exist_ok=True)
    for name, content in store.files.items():
        (folder / "img" / name).write_bytes(content)
    for path in folder.glob("*/*.ipynb"):
        path.write_text(_without_outputs(path.read_text(encoding="utf-8")), encoding="utf-8")


def _without_outputs(notebook: str) -> str:
    """A notebook to run: what it prints and draws is on its page."""
    made = json.loads(notebook)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
