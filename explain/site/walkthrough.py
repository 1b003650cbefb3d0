"""The app's overview and component pages on the six samples, rendered once: the same words, figures and checks."""

from collections.abc import Callable
from html import escape

from explain.app.catalog.choices import Choice, opening, settle, site
from explain.app.catalog.texts import PAPER, TEXTS
from explain.app.catalog.wording import true_of
from explain.app.compute.contract_verdicts import verdicts
from explain.app.compute.photos import Photo, sample_names, sample_photo
from explain.app.compute.runner import Setup, configuration
from explain.app.figure_view.component_figure import component_content
from explain.app.map.architecture import network_map
from explain.app.map.marks import Marks
from explain.app.map.thumbnails import thumbnails
from explain.app.shell.glossary_hover import as_html, facts_list
from explain.app.views.component.facts import UNCOUNTED, facts_of
from explain.app.widgets.decimals import of_three_digits
from explain.app.widgets.figure_files import before_and_after
from explain.app.widgets.picture_urls import url
from explain.site.static_figure import static_figure
from explain.tracing.sites import label
from model.errors import MirnetError

__all__ = ["SETUP", "component_body", "overview_body", "photos"]

SETUP = Setup()
SERVER = (
    "With the app on your own computer (<code>make app</code>) you choose any of the network's components and "
    "channels, take your own photo, and look under every pixel."
)


def photos() -> dict[str, Photo]:
    """The samples by name."""
    multiple = configuration(SETUP).multiple
    return {name: sample_photo(name, multiple) for name in sample_names()}


def overview_body(name: str, photo: Photo, link: Callable[[str], str]) -> str:
    """The overview on one sample; `link` gives the address of a component's page."""
    pictures = "".join(
        f'<figure><img src="{url(png, "png")}" alt="{escape(title)}"><figcaption>{escape(text)}</figcaption></figure>'
        for title, text, png in before_and_after(SETUP, photo, photo.key)
    )
    config, choice = configuration(SETUP), opening(None)
    # Activity has the same colours in both themes.
    shown = thumbnails(SETUP, photo, photo.key, choice.group, choice.block, "light")
    drawn = network_map(
        config, photo.size, choice, lambda kind, **_: link(kind), Marks(shown, upright=photo.size[0] > photo.size[1])
    )
    return (
        "<h1>MIRNet, component by component</h1><p>MIRNet makes a dark, noisy photo bright and clean. These pages take "
        "a photo through the network and show what every part really computes: the actual activations, nothing drawn "
        f'by hand.</p><div class="gallery">{pictures}</div>{_credit(photo)}<h2>The map</h2><p>Follow the photo along '
        "the arrows, and click on any part to look inside. Shapes are height × width × channels. Small marks: "
        "↓ downsample, ↑ upsample. Dashed: a skip connection. Small pictures: how active all channels together are "
        f"(root mean square), each on a scale of its own.</p>{drawn}"
    )


def component_body(kind: str, photo: Photo) -> str:
    """The page of a kind of component on one sample."""
    config = configuration(SETUP)
    text, choice = true_of(kind, TEXTS[kind], config), settle(kind, config, opening(kind))
    content = component_content(SETUP, photo, kind, choice)
    found = facts_of(SETUP, kind, choice, photo.size)
    also = f" The same parameters also serve at: {'; '.join(map(label, found.also_at))}." if found.also_at else ""
    facts = {
        "input": found.takes,
        "output": found.gives,
        "parameters": f"{found.parameters:,}",
        "multiply–accumulates (MACs)": of_three_digits(found.macs, ("thousand", "million", "billion")),
    }
    code = f". From the authors' code: {text.code}." if text.code else ""
    symbols = "".join(f"<li>{_formula(symbol)}: {as_html(meaning)}</li>" for symbol, meaning in text.symbols)
    return (
        f'<h1>{escape(text.title)}</h1><p class="explained">{as_html(text.intro)}</p>'
        f'<div class="paper">{static_figure(content)}</div>'
        f"<p><b>What to look at.</b> {escape(content.caption)}</p>{_credit(photo)}"
        f"{facts_list(facts)}<p><small>MACs on this photo; {UNCOUNTED} are not counted.{escape(also)}</small></p>"
        f'<h2>The formula</h2><div class="formula"><div>{"".join(_formula(line, True) for line in text.formula)}</div>'
        f'<ul>{symbols}</ul></div><p><small>MIRNet, <a href="{PAPER}">{escape(text.section)}</a>{escape(code)}</small>'
        "</p>"
        f"{_contract(kind, photo, choice)}<p class='server'>{SERVER}</p>"
    )


def _contract(kind: str, photo: Photo, choice: Choice) -> str:
    rows = verdicts(SETUP, photo, photo.key, site(kind, choice))
    lines = "".join(
        f"<li>{'✓' if holds else '✗'} <b>{escape(title[:1].upper() + title[1:])}.</b> {escape(promise)} "
        f"<small>{escape(message)}</small></li>"
        for title, promise, holds, message in rows
    )
    good = sum(holds for _, _, holds, _ in rows)
    return (
        f"<h2>Contract, checked on this photo</h2><p>{good} of {len(rows)} checks pass.</p>"
        f'<ul class="checks">{lines}</ul>'
    )


def _credit(photo: Photo) -> str:
    from markdown_it import MarkdownIt

    return f"<p><small>{escape(photo.caption)} {MarkdownIt().renderInline(photo.credit)}</small></p>"


def _formula(latex: str, block: bool = False) -> str:
    """A formula that a browser draws without a script."""
    try:
        from latex2mathml.converter import convert
    except ImportError as error:
        raise MirnetError("the site's formulas need latex2mathml: pip install 'mirnet-explainer[site]'") from error
    return convert(latex, display="block" if block else "inline")
