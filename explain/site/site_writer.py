"""Writes the whole site into one folder, which any web server can serve under any path.

```
index.html           the live part          live/        its files; live/index.html is the part alone, for an iframe
overview/  skff/ …   the walkthrough        skff/coffee/ on another sample; embed/skff/ its figure, for an iframe
tour/ glossary/ more/                       lessons/ reference/  what `make lessons` and `make docs` have made
```

Addresses are relative, and nothing is fetched from elsewhere.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path

from explain.app.assets.asset_files import asset
from explain.app.catalog.texts import TEXTS
from explain.app.compute.photos import Photo
from explain.app.live.live_files import live_files, write_files
from explain.app.live.live_page import live_part, web_page
from explain.app.live.network_data import LiveNetwork
from explain.site.both_themes import theme_style
from explain.site.lesson_files import make_small
from explain.site.picture_store import PictureStore
from explain.site.site_pages import PLACES, glossary_body, home_body, menu, more_body, tour_body
from explain.site.walkthrough import component_body, overview_body, photos
from model.errors import MirnetError
from model.safety.whole_files import is_full, reason_of

__all__ = ["MARK", "check_copied", "check_replaceable", "pages", "site_files", "write_site"]

MARK = ".mirnet-site"
"""Lies in every site: a folder with it is ours, and may be replaced."""

STYLES = ("figure.css", "lattice.css", "maps.css", "photos.css", "terms.css")
TITLE = "MIRNet Explainer"
OPTIONAL = ("lessons/", "reference/")

Told = Callable[[str, int, int], None]


def site_files(network: LiveNetwork, told: Told, present: set[str], walkthrough: bool = True) -> dict[str, bytes]:
    """Everything but lessons and reference, and the pages of `pages`: path to content.

    Args:
        network: Of the live part.
        told: Called with what is being made, how much is done, and how much there is.
        present: The places of the menu that there are.
        walkthrough: Whether the pages of the walkthrough come along; they need the float network.

    Raises:
        MirnetError: If something is missing that they are made with.
    """
    told("live part", 0, 1)
    found = {f"live/{name}": content for name, content in live_files(network).items()}
    found["site.css"] = (asset(*STYLES) + theme_style() + _own("site.css")).encode()
    found["walk.js"] = _own("walk.js").encode()
    found[MARK] = b""
    told("live part", 1, 1)
    return found | (_walkthrough(told, present) if walkthrough else {})


def pages(network: LiveNetwork, present: set[str]) -> dict[str, bytes]:
    """The pages around the walkthrough; `present` are the places of the menu that there are."""
    first = next(iter(photos()))
    bodies = {
        "": home_body(live_part(network, "live/")),
        "tour/": tour_body(first, "lessons/" in present),
        "glossary/": glossary_body(),
        "more/": more_body(),
    }
    scripts = {"": ("live/live.js",)}
    return {
        f"{place}index.html": _page(PLACES[place], body, place, place, present, scripts.get(place, ()))
        for place, body in bodies.items()
    }


def write_site(
    folder: Path,
    network: LiveNetwork,
    told: Told,
    copied: Mapping[str, Path],
    walkthrough: bool = True,
) -> int:
    """Writes a site, whole or not at all; an earlier one is replaced.

    Args:
        folder: To write.
        network: Of the live part.
        told: As for `site_files`.
        copied: `lessons/` and `reference/`, where they lie ready, to the folder to copy.
        walkthrough: As for `site_files`.

    Returns:
        Bytes of all files.

    Raises:
        MirnetError: As `site_files`; or if the folder holds other things, or cannot be written.
    """
    folder = folder.absolute()
    check_replaceable(folder)
    check_copied(copied)
    present = {place for place in PLACES if place not in OPTIONAL and (walkthrough or place != "overview/")} | {*copied}
    found = site_files(network, told, present, walkthrough) | pages(network, present)
    unfinished, old = (folder.with_name(f".{kind}-{secrets.token_hex(6)}") for kind in ("unfinished", "old"))
    try:
        unfinished.mkdir()
        write_files(unfinished, found)
        for place, source in copied.items():
            shutil.copytree(source, unfinished / place)
        if "lessons/" in copied:
            make_small(unfinished / "lessons", present)
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    except OSError as error:
        why = "the disk is full; free some space" if is_full(error) else f"{reason_of(error)}; choose another place"
        raise MirnetError(f"{folder} cannot be written: {why}") from error
    finally:
        if old.exists() and not folder.exists():  # the second renaming failed
            with suppress(OSError):
                old.rename(folder)
        for left in (unfinished, old):
            shutil.rmtree(left, ignore_errors=True)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def check_replaceable(folder: Path) -> None:
    """Refuses a folder that holds anything but an earlier site, before anything slow.

    Raises:
        MirnetError: If it does, or cannot be made.
    """
    if not folder.parent.is_dir():
        raise MirnetError(f"{folder.parent} is no folder: make it first, or choose another place for the site")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise MirnetError(f"{folder} is there and is no folder: choose another place for the site")
    if not os.access(folder.parent, os.W_OK | os.X_OK):
        raise MirnetError(f"{folder.parent} cannot be written to: choose another place for the site")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise MirnetError(f"{folder} holds other things than a site of mirnet: choose a new folder")


def check_copied(copied: Mapping[str, Path]) -> None:
    """Refuses folders without pages; arguments as for `write_site`.

    Raises:
        MirnetError: If one has none.
    """
    for place, source in copied.items():
        if not (source / "index.html").is_file():
            raise MirnetError(f"{source} has no index.html: make it first, or leave {place.rstrip('/')} out")


def _walkthrough(told: Told, present: set[str]) -> dict[str, bytes]:
    store, found, shown = PictureStore(), dict[str, bytes](), photos()
    total = len(shown) * (len(TEXTS) + 1)
    for k, (name, photo) in enumerate(shown.items()):
        for j, kind in enumerate(("overview", *TEXTS)):
            told("walkthrough", k * (len(TEXTS) + 1) + j, total)
            path = TEXTS[kind].path if kind in TEXTS else "overview"
            here = f"{path}/" if k == 0 else f"{path}/{name}/"
            root = "../" * here.count("/")
            body = _on_sample(kind, name, photo, k == 0, root)
            switch = _switch(path, name, shown, root)
            following = _following(kind, root, "" if k == 0 else f"{name}/")
            body = store.moved(f"{switch}{body}{following}", f"{root}img/")
            title = TEXTS[kind].title if kind in TEXTS else "Walkthrough"
            found[f"{here}index.html"] = _page(title, body, here, "overview/", present, (f"{root}walk.js",))
            if kind in TEXTS and k == 0:
                figure = store.moved(_on_sample(kind, name, photo, True, "../../"), "../../img/")
                found[f"embed/{path}/index.html"] = web_page(
                    title,
                    f"<main>{figure}</main>",
                    ["../../live/live.css", "../../site.css"],
                    ["../../live/embedded_page.js"],
                ).encode()
    told("walkthrough", total, total)
    return found | {f"img/{name}": content for name, content in store.files.items()}


def _on_sample(kind: str, name: str, photo: Photo, first: bool, root: str) -> str:
    if kind in TEXTS:
        return component_body(kind, photo)
    return overview_body(name, photo, lambda other: f"{root}{TEXTS[other].path}/" + ("" if first else f"{name}/"))


def _switch(path: str, chosen: str, shown: Mapping[str, Photo], root: str) -> str:
    """Links to the same page on the other samples."""
    first = next(iter(shown))
    links = "".join(
        f'<a data-photo="{name}" href="{root}{path}/{"" if name == first else f"{name}/"}"'
        f"{' aria-current=page' if name == chosen else ''}>{photo.title}</a>"
        for name, photo in shown.items()
    )
    return f'<nav class="switch" aria-label="Photo">Photo: {links}</nav>'


def _following(kind: str, root: str, sample: str) -> str:
    """The link to the next page."""
    names = ["overview", *TEXTS]
    at = names.index(kind) + 1
    if at == len(names):
        return f'<p><a href="{root}">Back to the live part</a></p>'
    text = TEXTS[names[at]]
    return f'<p><a href="{root}{text.path}/{sample}">Next: {text.title}</a></p>'


def _page(title: str, body: str, path: str, place: str, present: set[str], scripts: tuple[str, ...]) -> bytes:
    root = "../" * path.count("/")
    html = f"{menu(root, present, place)}<main>{body}</main>"
    name = f"{title}: {TITLE}" if path else f"{TITLE}: a network for dark photos, live in your browser"
    return web_page(name, html, [f"{root}live/live.css", f"{root}site.css"], scripts).encode()


@cache
def _own(name: str) -> str:
    return (files("explain.site") / "web" / name).read_text(encoding="utf-8")
