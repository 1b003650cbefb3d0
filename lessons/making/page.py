"""A lesson as a page to read: everything in one HTML file, without a script, nothing from another host.

Formulas become MathML, which browsers draw by themselves; pictures are inside the file. Solutions are collapsed.
"""

import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from lessons.drawing import DARK_PNG
from lessons.making.notebook import Notebook, glossary_terms, relinked
from lessons.making.script import FOLDER, Lesson
from model.errors import MirnetError

__all__ = ["glossary_page", "lesson_page", "markdown_to_html", "page", "templates"]

HERE = Path(__file__).parent
NEIGHBOUR = re.compile(r"\]\((\d\d_\w+)\.ipynb\)")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def page(title: str, body: str, links: Sequence[tuple[str, str]] = ()) -> str:
    """A whole HTML file.

    Args:
        title: Of the window.
        body: HTML.
        links: Addresses and texts of the links above and below it.
    """
    return (
        templates()
        .get_template("page.html")
        .render(title=title, body=body, links=links, code_style=_code_style())
    )


@cache
def templates() -> Environment:
    """The templates beside this file; what is no markup of ours is escaped."""
    return Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True)


def lesson_page(
    lesson: Lesson, executed: Notebook, before: Lesson | None, after: Lesson | None
) -> str:
    """The page of a lesson.

    Args:
        lesson: Its source, for the skeletons.
        executed: The teacher's notebook with outputs.
        before: The lesson before it, if there is one.
        after: The lesson after it.
    """
    body = "\n".join(part for cell in executed["cells"] for part in _cell(lesson, cell))
    links = [(f"{before.name}.html", f"← {before.title}")] if before else []
    links += [("index.html", "All lessons"), ("glossary.html", "Glossary")]
    links += [(f"student/{lesson.name}.ipynb", "Notebook")]
    links += [(f"teacher/{lesson.name}.ipynb", "Notebook with solutions")]
    links += [(f"{after.name}.html", f"{after.title} →")] if after else []
    return page(lesson.title, body, links)


def glossary_page() -> str:
    """The page of the glossary."""
    text = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    return page("Glossary", markdown_to_html(text), [("index.html", "All lessons")])


def markdown_to_html(text: str) -> str:
    """Markdown with tables, formulas between dollar signs and links to the glossary as HTML."""
    linked = relinked(text, lambda anchor: "glossary.html" + (f"#{anchor}" if anchor else ""))
    # A wide table scrolls by itself, not the page.
    made = _renderer().render(linked)
    return made.replace("<table>", '<div class="wide"><table>').replace(
        "</table>", "</table></div>"
    )


@cache
def _renderer() -> Any:
    try:
        from latex2mathml.converter import convert
        from markdown_it import MarkdownIt
        from mdit_py_plugins.anchors import anchors_plugin
        from mdit_py_plugins.dollarmath import dollarmath_plugin
    except ImportError as error:
        raise MirnetError(
            f"{error.name} is needed for pages: pip install 'mirnet-explainer[lessons]'"
        ) from error

    def mathml(formula: str, options: dict[str, bool]) -> str:
        return convert(formula, display="block" if options["display_mode"] else "inline")

    terms = {heading: anchor for anchor, heading in glossary_terms().items()}
    made = MarkdownIt("commonmark", {"html": True}).enable("table")
    made.use(dollarmath_plugin, renderer=mathml, double_inline=True, allow_space=False)

    def slug(heading: str) -> str:
        return terms.get(heading, heading.lower().replace(" ", "-"))

    return made.use(anchors_plugin, max_level=3, slug_func=slug)


def _cell(lesson: Lesson, cell: dict[str, Any]) -> Iterator[str]:
    tags = cell["metadata"].get("tags", [])
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield f'<section class="{" ".join(tags)}">{markdown_to_html(_from_jupyter(source))}</section>'
        return
    if "solution" in tags:
        yield _code(lesson.exercise(cell["metadata"]["exercise"], "exercise").source, "exercise")
        yield f'<details class="solution"><summary>Solution</summary>{_code(source)}</details>'
    elif cell["metadata"].get("jupyter", {}).get("source_hidden"):  # folded here as in the notebook
        yield f'<details class="given"><summary>Given code</summary>{_code(source)}</details>'
    else:
        yield _code(source, "check" if "check" in tags else "")
    yield from (_output(output) for output in cell["outputs"])


def _from_jupyter(source: str) -> str:
    """Links between notebooks as links between pages; those to the glossary as they stand in the script."""
    source = NEIGHBOUR.sub(r"](\1.html)", source)
    anchors = {heading.replace(" ", "-"): anchor for anchor, heading in glossary_terms().items()}
    return re.sub(
        r"\]\(glossary\.ipynb(?:#([\w-]+))?\)",
        lambda found: "](glossary.md" + (f"#{anchors[found[1]]}" if found[1] else "") + ")",
        source,
    )


def _code(source: str, kind: str = "") -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return f'<div class="code {kind}">{highlight(source, PythonLexer(), HtmlFormatter())}</div>'


def _code_style() -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.highlight {{ background: none; }}\n"


def _output(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return f'<pre class="output">{html.escape(ANSI.sub("", output["text"]))}</pre>'
    if output["output_type"] == "error":
        said = ANSI.sub("", "\n".join(output["traceback"]))
        return f'<pre class="output error">{html.escape(said)}</pre>'
    data = output["data"]
    if "image/png" in data:
        about = output["metadata"].get("image/png", output["metadata"])
        width, alt = about.get("width", ""), html.escape(str(about.get("alt", "")), quote=True)
        size = f' width="{width}"' if width else ""
        picture = f'<img src="{_png(data["image/png"])}"{size} alt="{alt}">'
        if DARK_PNG in data:
            address = _png("".join(data[DARK_PNG]))
            picture = f'<picture><source media="(prefers-color-scheme: dark)" srcset="{address}">{picture}</picture>'
        return f"<figure>{picture}</figure>"
    if "text/html" in data:
        return f'<div class="wide">{"".join(data["text/html"])}</div>'
    if "text/markdown" in data:
        return f'<div class="shown">{markdown_to_html("".join(data["text/markdown"]))}</div>'
    return f'<pre class="output">{html.escape("".join(data["text/plain"]))}</pre>'


def _png(content: str) -> str:
    return f"data:image/png;base64,{content.strip()}"
