"""The numbers of a receptive field as a table in HTML."""

from explain.app.pages.streams.footprints import Looked

__all__ = ["seen_table"]


def seen_table(live: Looked, held: Looked) -> str:
    """How far what matters lies, and how much of it inside the theoretical field.

    Args:
        live: By all paths.
        held: With the global paths held.
    """
    pairs = (
        ("radius that holds 50% of the gradient", live.half, held.half),
        ("radius that holds 90%", live.most, held.most),
        ("radius that holds 99%", live.almost_all, held.almost_all),
    )
    rows = [(name, f"{a:.1f} px", f"{b:.1f} px") for name, a, b in pairs]
    rows.append(("share inside the theoretical field", f"{live.inside:.2%}", f"{held.inside:.2%}"))
    body = "".join(f"<tr><th scope=row>{name}</th><td>{a}</td><td>{b}</td></tr>" for name, a, b in rows)
    return (
        '<table class="seen"><style>.seen { border-collapse: collapse; font-size: .9rem; '
        "font-variant-numeric: tabular-nums; } .seen th, .seen td { padding: .2rem .9rem .2rem 0; text-align: right; "
        "border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); } "
        ".seen th[scope=row] { text-align: left; font-weight: 400; }</style>"
        "<thead><tr><td></td><th scope=col>all paths</th><th scope=col>without the averages</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
