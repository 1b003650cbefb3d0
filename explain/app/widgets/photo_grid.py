"""Pictures with captions as HTML, side by side; for `st.html`."""

from collections.abc import Sequence
from html import escape

__all__ = ["photo_figure", "side_by_side"]


def photo_figure(url: str, alt: str, caption: str = "", scale: str = "") -> str:
    """One picture.

    Args:
        url: Its address, from `explain.app.widgets.picture_urls`.
        alt: What there is to see, for those who do not; plain text.
        caption: What to look at; plain text.
        scale: What its colours mean, from `explain.app.widgets.colour_maps.legend`.
    """
    text = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{url}" alt="{escape(alt, quote=True)}">{scale}{text}</figure>'


def side_by_side(figures: Sequence[str], narrowest: str = "11rem", fill: bool = False) -> str:
    """Photos of one size in rows, two or more in each even on a phone.

    Args:
        figures: From `photo_figure`.
        narrowest: What a picture gets at least (CSS), where the page is wide enough.
        fill: Whether few pictures share the whole width, or stay as small as many.
    """
    style = f"--narrowest: {narrowest}; --fill: {'auto-fit' if fill else 'auto-fill'}"
    return f'<div class="prints" style="{style}">{"".join(figures)}</div>'
