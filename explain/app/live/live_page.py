"""The live part as HTML: its controls, its pictures, the map of the network, and a small map for each hook point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader

from embedded.budget.boards import NANO as BOARD
from embedded.budget.fit import fit
from embedded.wasm.shipped_wasm import LARGE
from explain.app.catalog.choices import Choice
from explain.app.live.network_data import LiveNetwork
from explain.app.map.architecture import network_map
from explain.app.map.marks import Marks
from explain.cell.int8.operator import seen_as
from explain.tracing.sites import label
from model.samples import SAMPLES

__all__ = ["POLICY", "live_part", "web_file", "web_page"]

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""Content-Security-Policy of every page: nothing from elsewhere, no code from strings. (Inline are styles only.)"""


@dataclass(frozen=True)
class SmallMap:
    """One small map of the list.

    Attributes:
        name: Of the hook point.
        short: Its end, after the component's call site.
        width: Pixels of the map; of a vector, its channels.
        height: Pixels.
    """

    name: str
    short: str
    width: int
    height: int


@cache
def web_file(name: str) -> str:
    """The text of one of the files in `web/`."""
    return (files("explain.app.live") / "web" / name).read_text(encoding="utf-8")


_templates = Environment(loader=FunctionLoader(web_file), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def web_page(title: str, body: str, styles: Sequence[str], scripts: Sequence[str] = (), description: str = "") -> str:
    """A whole page.

    Args:
        title: Plain text.
        body: HTML of ours.
        styles: Addresses of its style sheets.
        scripts: Addresses of its scripts.
        description: One sentence for search engines; by default the title.
    """
    values: Mapping[str, Any] = {"policy": POLICY, "title": title, "body": body, "styles": styles, "scripts": scripts}
    return _templates.get_template("page.html").render(values, description=description or title)


def live_part(network: LiveNetwork, base: str = "") -> str:
    """The live part.

    Args:
        network: Which one.
        base: Address of the folder that its files lie in, with a slash at its end.
    """
    emulator, hooks = network.small, network.hooks
    size = emulator.tables.size
    slots = Marks(slots=("photo", "output", *hooks))
    return _templates.get_template("live.html").render(
        base=base,
        samples=SAMPLES,
        small=size,
        large=LARGE,
        seconds=fit(emulator.model, BOARD).seconds,
        map=network_map(emulator.config, size, Choice(), lambda *_, **__: "", slots, insides=False),
        hooks=len(hooks),
        groups=[{"title": label(site) or "MIRNet", "hooks": tiles} for site, tiles in _groups(network).items()],
    )


def _groups(network: LiveNetwork) -> dict[str, list[SmallMap]]:
    """Call site of each component to its hook points."""
    found: dict[str, list[SmallMap]] = {}
    for name, tensor in network.hooks.items():
        site, _, short = name.rpartition("/")
        rows, columns, channels = seen_as(network.small.graph.tensors[tensor].shape)
        wide = channels if columns == 1 else columns
        found.setdefault(site, []).append(SmallMap(name, short, wide, rows))
    return found
