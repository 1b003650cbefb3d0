"""Photos as HTML, in a tenth of the bytes of a PNG: one that is only looked at need not be exact to the last bit."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

__all__ = ["STYLE", "photo_figure", "photo_url", "side_by_side"]

STYLE = """
.prints { display: grid; gap: .9rem; align-items: start;
  grid-template-columns: repeat(var(--fill, auto-fill), minmax(min(var(--narrowest, 11rem), 45%), 1fr)); }
.prints figure { margin: 0; min-width: 0; max-width: 26rem; }
.prints img { width: 100%; display: block; border-radius: 4px; }
.prints figcaption { font-size: .85rem; margin-top: .25rem; line-height: 1.35; overflow-wrap: anywhere; }
.prints .legend { margin-top: .3rem; }
"""


QUALITY = 92


def photo_url(pixels: np.ndarray) -> str:
    """A photo (height, width, 3) uint8 as an address that holds it."""
    content = BytesIO()
    Image.fromarray(pixels).save(content, "WEBP", quality=QUALITY, method=2)
    return f"data:image/webp;base64,{b64encode(content.getvalue()).decode()}"


def photo_figure(url: str, alt: str, caption: str, scale: str = "") -> str:
    """One picture of `side_by_side`.

    Args:
        url: From `photo_url`, or another address.
        alt: What there is to see, for those who do not; plain text.
        caption: What to look at; plain text.
        scale: What its colours mean, from `explain.app.widgets.colour_maps.legend`.
    """
    words = f"<figcaption>{escape(caption)}</figcaption>"
    return f'<figure><img src="{url}" alt="{escape(alt, quote=True)}">{scale}{words}</figure>'


def side_by_side(figures: Sequence[str], narrowest: str = "11rem", fill: bool = False) -> str:
    """Pictures of one size in rows, two or more in each even on a phone; for `st.html`, after `STYLE`.

    Args:
        figures: From `photo_figure`.
        narrowest: What a picture gets at least (CSS), where the page is wide enough.
        fill: Whether few pictures share the whole width, or stay as small as many.
    """
    style = f"--narrowest: {narrowest}; --fill: {'auto-fit' if fill else 'auto-fill'}"
    return f'<div class="prints" style="{style}">{"".join(figures)}</div>'
