"""A curve that falls from 1 to 0 as HTML, with the place of a slider on it."""

import numpy as np

from explain.figures import Theme

__all__ = ["falling"]

STYLE = """
.falling { display: grid; grid-template-columns: max-content minmax(0, 1fr); column-gap: .5rem; max-width: 42rem;
  font-size: .8rem; font-variant-numeric: tabular-nums; line-height: 1; padding: .5rem 1rem 0 0; }
.falling .ys, .falling .xs { display: flex; justify-content: space-between; }
.falling .ys { flex-direction: column; text-align: right; margin: -.4rem 0; }
.falling .xs { grid-column: 2; margin: .4rem -1rem 0; }
.falling .xs span { width: 2rem; text-align: center; }
.falling .plot { position: relative; height: 8rem; border: solid currentColor; border-width: 0 0 1px 1px; }
.falling .under { position: absolute; inset: 0; opacity: .75; }
.falling .name { grid-column: 1 / 3; opacity: .8; margin-bottom: .8rem; }
.falling .xs + .name { text-align: right; margin: .5rem -1rem 0 0; }
.falling .at { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; }
.falling .dot { position: absolute; width: .7rem; height: .7rem; margin: -.35rem; border-radius: 50%; }
"""
"""Streamlit takes drawings (SVG) out of HTML: the area below the curve is a box, cut along it."""


def falling(limits: np.ndarray, shares: np.ndarray, limit: float, theme: Theme) -> str:
    """Shares over limits.

    Args:
        limits: (n,) within [0, 1], rising.
        shares: (n,) within [0, 1].
        limit: Where the slider is, within the limits.
        theme: Colours.
    """
    share = float(np.interp(limit, limits, shares))
    points = ", ".join(f"{100 * x:.1f}% {100 - 100 * y:.1f}%" for x, y in zip(limits, shares, strict=True))
    area = f"polygon(0% 100%, {points}, 100% 100%)"
    left, top = f"left: {100 * limit:.1f}%", f"top: {100 - 100 * share:.1f}%"
    across = "".join(f"<span>{x}%</span>" for x in (0, 25, 50, 75, 100))
    return (
        f"<style>{STYLE}</style>"
        f'<div class="falling" role="img" aria-label="{share:.1%} of the photo pass more than {limit:.0%}">'
        '<div class="name">share of the photo that passes more than the limit</div>'
        f'<div class="ys"><span>100%</span><span>50%</span><span>0%</span></div>'
        f'<div class="plot"><div class="under" style="background: {theme.streams[0]}; clip-path: {area}"></div>'
        f'<div class="at" style="{left}; background: {theme.accent}"></div>'
        f'<div class="dot" style="{left}; {top}; background: {theme.accent}"></div></div>'
        f'<div class="xs">{across}</div><div class="name">limit of the gate</div></div>'
    )
