"""Runs the page without a browser, as a visitor who comes to one of its views."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

import explain.app

__all__ = ["fresh", "go", "healthy", "opened", "text_of"]

MAIN = Path(explain.app.__file__).parent / "main.py"
TIMEOUT = 400  # seconds; the first run imports TensorFlow
KNOWN: dict[str, str] = {}  # views to the names that Streamlit has for them


def fresh() -> AppTest:
    """A visitor who has not been anywhere, and whose browser tab knows of no photo: here is none to ask."""
    page = AppTest.from_file(MAIN, default_timeout=TIMEOUT)
    page.session_state["browser_told"] = True
    return page


def go(page: AppTest, view: str) -> AppTest:
    """The next run is of this view; the views are known after a run only, and one such run serves all visitors."""
    if not KNOWN:
        first = fresh().run()
        KNOWN.update({name: each._script_hash for name, each in first.session_state["pages"].items()})
    page._page_hash = KNOWN[view]
    return page


def opened(view: str = "overview", errors: int = 0, **params: str) -> AppTest:
    """A view, opened by its address; it shows so many errors."""
    page = fresh()
    page.query_params.update(params)
    return healthy(go(page, view).run(), errors)


def healthy(page: AppTest, errors: int = 0) -> AppTest:
    """The page, which has not failed and shows so many errors."""
    assert not page.exception, page.exception
    assert len(page.error) == errors, page.error
    return page


def text_of(elements) -> str:
    """All of them as one text."""
    return "\n".join(element.value for element in elements)
