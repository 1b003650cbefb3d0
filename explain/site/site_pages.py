"""The pages of the site around the walkthrough: home, tour, glossary, how to embed, and what needs the app."""

import re
from collections.abc import Mapping
from html import escape

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.catalog.tour import STOPS
from explain.app.catalog.wording import filled
from explain.app.live.live_page import POLICY
from explain.app.shell.glossary_hover import as_html
from explain.glossary import meanings
from model.config import preset

__all__ = ["PLACES", "glossary_body", "home_body", "lesson_on_site", "menu", "more_body", "tour_body"]

PLACES: Mapping[str, str] = {
    "": "Live",
    "overview/": "Walkthrough",
    "tour/": "Tour",
    "lessons/": "Lessons",
    "glossary/": "Glossary",
    "reference/": "API reference",
    "more/": "More",
}
"""Address in the site to its name in the menu; the two that may be missing are left out where they are."""

IN_APP = re.compile(r'href="http://localhost:8501/?(?P<path>[a-z-]+)?(?P<query>\?[^"]*)?"')

DESK = preset("desk")
"""The network that the site shows."""

EMBED = """<iframe src="ADDRESS/live/" title="MIRNet, live" allow="camera" style="width: 100%; border: 0"></iframe>
<iframe src="ADDRESS/embed/skff/" title="MIRNet: SKFF" style="width: 100%; border: 0"></iframe>
<script type="module" src="ADDRESS/live/host.js"></script>"""


def menu(root: str, present: set[str], here: str) -> str:
    """The links to all parts of the site, for the top of a page.

    Args:
        root: Address of the site's root, relative to the page: `../`.
        present: Addresses of `PLACES` that there are.
        here: The one that the page belongs to.
    """
    return f"<header><b>MIRNet Explainer</b>{_links(root, present, here)}</header>"


def _links(root: str, present: set[str], here: str) -> str:
    links = "".join(
        f'<a href="{(root + place) or "./"}"{" aria-current=page" if place == here else ""}>{name}</a>'
        for place, name in PLACES.items()
        if place in present
    )
    return f'<nav aria-label="Site">{links}</nav>'


def home_body(live: str) -> str:
    """The first page: the live part."""
    return (
        "<h1>A network for dark photos, live in your browser</h1><p>This is MIRNet in the size for a 30-dollar "
        "Arduino Nano. What runs here is <b>the board's own C</b>, compiled to WebAssembly: the same integers, the "
        "same bytes. Take a sample, your photo or your webcam, turn down the light, and watch every activation of the "
        f"network. Nothing leaves your browser.</p>{live}"
    )


def tour_body(sample: str, lessons: bool) -> str:
    """The guided tour, with links to its pages, and at its end to the lessons if the site has them."""
    stops = "".join(_stop(number, sample) for number in range(1, len(STOPS) + 1))
    end = '<p>Now build it: <a href="../lessons/">ten lessons</a>, from the first photon to the board.</p>'
    return (
        f"<h1>The guided tour</h1><p>Ten stops, each with one question.</p><ol class='stops'>{stops}</ol>"
        f"{end if lessons else ''}"
    )


def _stop(number: int, sample: str) -> str:
    stop = STOPS[number - 1]
    title, text, question, answer = (filled(each, DESK) for each in (stop.title, stop.text, stop.question, stop.answer))
    if stop.page in TEXTS:
        where = (
            f'<a href="../{TEXTS[stop.page].path}/?photo={sample}">Open the page: {escape(TEXTS[stop.page].title)}</a>'
        )
        if stop.focus != "figure":  # what answers a click is not on these pages
            where += ', or <a href="../more/">the app</a>, which the question is about'
    elif stop.page == "overview":
        where = '<a href="../overview/">Open the overview</a>'
    elif stop.page == "nano":
        where = '<a href="../">Try it live</a>'
    elif stop.page == "cell":
        where = (
            '<a href="../">Try it live</a>: click on a small map below the photo, and on a position of the large one'
        )
    else:
        where = f'This stop needs <a href="../more/">the app</a>: {escape(TOPICS[stop.page].title)}'
    return (
        f"<li><h2>{escape(title)}</h2><p>{as_html(text)}</p><p>{where}</p><details><summary>{as_html(question)}</summary>"
        f"<p>{as_html(answer)}</p></details></li>"
    )


def glossary_body() -> str:
    """All terms with a sentence on each."""
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in meanings().items())
    return f'<h1>Glossary</h1><dl class="glossary">{terms}</dl>'


def lesson_on_site(html: str, present: set[str]) -> str:
    """A lesson's page whose links to the app lead to the site: to the same page, or to what it says of the app.

    Args:
        html: As `make lessons` has made it.
        present: As for `menu`.
    """
    paths = {text.path for text in TEXTS.values()}

    def there(found: re.Match[str]) -> str:
        path, query = found["path"] or "", found["query"] or ""
        return f'href="../{path}/{query}"' if path in paths else 'href="../more/"' if path else 'href="../overview/"'

    policy = f'<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    with_policy = IN_APP.sub(there, html).replace("<head>", policy, 1)
    return with_policy.replace("<body>", f"<body>\n{_links('../', present, 'lessons/')}", 1)


def more_body() -> str:
    """What needs the app, and how to get it."""
    topics = "".join(f"<dt>{escape(each.title)}</dt><dd>{as_html(each.intro)}</dd>" for each in TOPICS.values())
    return (
        "<h1>What needs the app</h1><p>These pages compute something new at every click, so they need Python on your "
        "computer: <code>git clone</code> the project and type <code>make app</code>, or "
        "<code>pip install mirnet-explainer</code> and <code>mirnet app</code>.</p>"
        f'<dl class="glossary">{topics}</dl>'
        "<h2>Show it on a page of yours</h2><p>The live part, and each component's figure, fit any width in an "
        "iframe; the last line gives them their height.</p>"
        f"<pre><code>{escape(EMBED)}</code></pre>"
    )
