"""The page that lists the lessons, each with a picture from it."""

import base64
from collections.abc import Sequence
from io import BytesIO

from lessons.drawing import PNG
from lessons.making.notebook import Notebook
from lessons.making.page import markdown_to_html, page, templates
from lessons.making.script import Lesson
from model.errors import MirnetError

__all__ = ["index_page", "picture_of"]

PICTURE_WIDTH = 720  # pixels; shown at half of that or less

INTRO = """# Lessons

Ten lessons on MIRNet, from the first photon to the board. Each is a notebook with exercises that are checked: a wrong
answer is told what is wrong with it.

1. Follow the tour of [the walkthrough](http://localhost:8501) once (`make app` starts it on your computer).
2. `make learn` opens the lessons as notebooks in your browser. Begin with lesson 1.
3. Stuck? Every exercise has hints, every term of the paper is in the [glossary](glossary.md), and the pages below show
   the whole lesson with its solutions collapsed.
"""


def index_page(lessons: Sequence[Lesson]) -> str:
    """The index.

    Args:
        lessons: Those that have a page and pictures `NN_name.png` and `NN_name_at_night.png` beside it.
    """
    body = templates().get_template("lessons.html")
    return page(
        "Lessons: MIRNet Explainer",
        body.render(intro=markdown_to_html(INTRO), lessons=lessons, inline=_inline),
    )


def picture_of(executed: Notebook, kind: str = PNG) -> bytes:
    """The picture of a lesson: the last one that its cell with the tag `picture` shows, made smaller; PNG.

    Args:
        executed: The notebook with its outputs.
        kind: `PNG` or `DARK_PNG` of `lessons.drawing`.

    Raises:
        MirnetError: If it shows none.
    """
    from PIL import Image

    cells = [cell for cell in executed["cells"] if "picture" in cell["metadata"].get("tags", [])]
    shown = [output.get("data", {}) for cell in cells for output in cell["outputs"]]
    found = ["".join(data[kind]) for data in shown if kind in data]
    if not found:
        raise MirnetError(
            f"{executed['metadata']['mirnet']['lesson']}: no cell with the tag picture shows one"
        )
    with Image.open(BytesIO(base64.b64decode(found[-1]))) as picture:
        height = round(picture.height * PICTURE_WIDTH / picture.width)
        smaller = picture.convert("RGB").resize((PICTURE_WIDTH, height), Image.Resampling.LANCZOS)
    content = BytesIO()
    smaller.save(content, "PNG", optimize=True)
    return content.getvalue()


def _inline(text: str) -> str:
    return markdown_to_html(text).strip().removeprefix("<p>").removesuffix("</p>")
