"""A curve that falls from 1 to 0, with the position of a slider on it."""

import altair as alt
import numpy as np

from explain.app.charts.altair_charts import ROWS, Layers, show
from explain.figures import Theme

__all__ = ["falling"]

FROM_0_TO_1 = alt.Scale(domain=[0, 1], nice=False)


def falling(limits: np.ndarray, shares: np.ndarray, limit: float, theme: Theme) -> None:
    """Shows shares over limits.

    Args:
        limits: (n,) within [0, 1], rising.
        shares: (n,) within [0, 1].
        limit: Where the slider is, within the limits.
        theme: Colours.
    """
    share = float(np.interp(limit, limits, shares))
    rows = [{"limit": float(x), "share": float(y), "here": False} for x, y in zip(limits, shares, strict=True)]
    rows.append({"limit": limit, "share": share, "here": True})
    base = alt.Chart(ROWS).encode(
        alt.X("limit:Q", title="limit of the gate", scale=FROM_0_TO_1, axis=alt.Axis(format="%")),
        alt.Y("share:Q", title="share of the photo that passes more", scale=FROM_0_TO_1, axis=alt.Axis(format="%")),
        tooltip=[alt.Tooltip("limit:Q", format=".0%"), alt.Tooltip("share:Q", format=".1%")],
    )
    here = base.transform_filter("datum.here")
    chart = Layers(
        [
            base.transform_filter("!datum.here").mark_area(color=theme.streams[0], opacity=0.75),
            here.mark_rule(color=theme.accent, strokeWidth=2).encode(alt.YValue(0), alt.Y2Value("height")),
            here.mark_point(color=theme.accent, filled=True, size=110, opacity=1),
        ]
    )
    show(chart, rows, f"{share:.1%} of the photo pass more than {limit:.0%}")
