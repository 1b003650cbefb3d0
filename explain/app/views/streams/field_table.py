"""The numbers of a receptive field as a table."""

from explain.app.views.streams.footprints import EffectiveField
from explain.markdown_tables import markdown_table

__all__ = ["seen_table"]


def seen_table(live: EffectiveField, held: EffectiveField) -> str:
    """Radii and share inside the theoretical field, by all paths and with the global paths held; Markdown."""
    pairs = (
        ("radius that holds 50% of the gradient", live.half, held.half),
        ("radius that holds 90%", live.most, held.most),
        ("radius that holds 99%", live.almost_all, held.almost_all),
    )
    rows = [(name, f"{a:.1f} px", f"{b:.1f} px") for name, a, b in pairs]
    rows.append(("share inside the theoretical field", f"{live.inside:.2%}", f"{held.inside:.2%}"))
    return markdown_table(("", "all paths", "without global average pooling"), rows)
