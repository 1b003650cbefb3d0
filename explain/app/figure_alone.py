"""One figure without the page around it, for a course page: `?embed=1` in the address.

```html
<iframe src="http://127.0.0.1:8501/skff?photo=palace&embed=1" style="width: 100%; height: 40rem; border: 0"></iframe>
```

`embed=1` shows a page's first figure, `embed=map` on the first page its map. Pages without a figure of their own are
shown with all they have, but for menu, header and tour. Links open the whole page in a window of its own.
"""

from collections.abc import Callable
from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explain.app.catalog.texts import TEXTS
from explain.app.url.session import HOME, Context, address

__all__ = ["embedded", "show_embedded"]

OFF = ("", "0", "false", "no")


def embedded() -> str | None:
    """What the address says of `embed`: None for the whole page, else `map`, or anything for the usual figure."""
    # Streamlit keeps this name from `st.query_params`, and knows of `embed=true` only.
    run = get_script_run_ctx()
    asked = parse_qs(run.query_string).get("embed", [""])[-1].lower() if run else ""
    return None if asked in OFF else asked


def show_embedded(here: Context, asked: str, page: Callable[[], None]) -> None:
    """Shows one figure; `page` shows the page, where it is no figure."""
    st.html('<i class="embedded"></i>')  # see `assets/styles/page.css`
    if here.page == HOME:
        from explain.app.views.overview.overview_page import map_alone, slider_alone

        (map_alone if asked == "map" else slider_alone)(here)
    elif here.page in TEXTS:
        from explain.app.views.component.component_page import figure_alone

        figure_alone(here, here.page)
    else:
        page()
    st.caption(f"[Open this in the MIRNet Explainer]({address()})")
