"""What the study measured of each size: quality with its intervals drawn to one scale, parameters, work."""

from typing import Any

import altair as alt
import streamlit as st

from explain.app.charts.altair_charts import ROWS, Layers, palette, show
from explain.app.data.study_results import Size, Study
from explain.figures import Theme
from model.quality.scores import METHODS, Interval

__all__ = ["all_numbers", "budget", "by_parameters", "size_label", "table", "verdict", "without_learning"]

KINDS = ("a network", "without learning")
COLUMNS = ("name", "psnr", "psnr95", "ssim", "ssim95", "parameters", "GMAC")
ROW_HEIGHT, AXIS_HEIGHT = 26, 70  # pixels
SHOWN = ("as_is", "gain_gamma", "oracle")  # baselines
PAIRS = 70  # of LOL that the project never trains on; the study's file does not count them


def size_label(size: str) -> str:
    """`3x2` as the page writes it: `3 × 2`."""
    return size.replace("x", " × ")


def by_parameters(study: Study) -> list[Size]:
    """The sizes, the smallest first."""
    return sorted(study.sizes, key=lambda entry: entry.parameters)


def budget(study: Study) -> str:
    """What each size had to learn with, in a sentence (Markdown)."""
    plan = study.plan
    pixels = plan.steps * plan.batch * plan.crop**2
    return (
        f"Each size had **{plan.steps:,} steps of {plan.batch} crops of {plan.crop} × {plan.crop} pixels** "
        f"({pixels / 1e6:.0f} million pixels), {plan.channels} channels, one recipe and one random start. The "
        "authors' network has 64 channels: **these are not the paper's numbers**, they compare the sizes."
    )


def verdict(study: Study) -> str:
    """What the table says, in a sentence or two."""
    best = max(study.sizes, key=lambda entry: entry.psnr.mean)
    small = min(study.sizes, key=lambda entry: entry.parameters)
    text = f"{size_label(best.size)} came furthest, {best.psnr.mean:.2f} dB"
    if best.size != small.size:
        text += (
            f": {best.psnr.mean - small.psnr.mean:.2f} dB more than {size_label(small.size)}, for "
            f"{best.macs / small.macs:.1f} times the MACs"
        )
    if len(study.sizes) > 1 and max(e.psnr.low for e in study.sizes) <= min(e.psnr.high for e in study.sizes):
        text += ". All intervals overlap: after so short a training no size is clearly the better one"
    return text + "."


def without_learning(study: Study) -> str:
    """What the rows without a network are, and what the numbers were measured on (Markdown)."""
    text = []
    if "gain_gamma" in study.baselines:
        text.append("**One gain + gamma** is one curve of brightness for all pictures, fitted to the training pairs.")
    if "oracle" in study.baselines:
        psnr, ssim = study.baselines["oracle"]
        text.append(
            "**The oracle** has a curve for each picture, found by looking at the answer, which no method may do. It "
            f"reaches {psnr.mean:.2f} dB, for brightness is most of what PSNR sees, but an SSIM of only "
            f"{ssim.mean:.3f}: noise and colours stay."
        )
    size = f"with a longer side of {study.plan.resize} pixels" if study.plan.resize else "at full size"
    text.append(f"PSNR and SSIM: mean of LOL's {PAIRS} validation pictures {size}, with its 95 % interval.")
    return " ".join(text)


def table(study: Study, theme: Theme) -> list[dict[str, Any]]:
    """Shows PSNR of the sizes, the smallest first, then of what takes no network; gives their rows."""
    rows = [
        _row(size_label(entry.size), KINDS[0], entry.psnr, entry.ssim)
        | {"parameters": entry.parameters, "GMAC": entry.macs / 1e9}
        for entry in by_parameters(study)
    ]
    # Of "oracle: gain + gamma per picture" the first word; what it is stands in `without_learning`.
    names = {name: METHODS[name].partition(":")[0] for name in SHOWN if name in study.baselines}
    rows += [_row(text, KINDS[1], *study.baselines[name]) for name, text in names.items()]
    label = "; ".join(f"{row['name']} {row['psnr']:.2f} dB" for row in rows)
    st.caption("PSNR in dB of RRG × MRB: dot the mean, line the 95 % interval")
    show(_intervals(theme).properties(height=ROW_HEIGHT * len(rows) + AXIS_HEIGHT), rows, f"PSNR: {label}")
    return rows


def all_numbers(rows: list[dict[str, Any]]) -> None:
    """Shows the rows that `table` gave, with all their numbers."""
    st.dataframe(
        [{name: row.get(name) for name in COLUMNS} for row in rows],
        hide_index=True,
        placeholder="",
        column_config={
            "name": st.column_config.TextColumn("RRG × MRB", pinned=True, width=130),
            "psnr": st.column_config.NumberColumn("PSNR", format="%.2f dB"),
            "psnr95": st.column_config.TextColumn("95 % interval"),
            "ssim": st.column_config.NumberColumn("SSIM", format="%.3f"),
            "ssim95": st.column_config.TextColumn("95 % interval of SSIM"),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "GMAC": st.column_config.NumberColumn("GMAC at 256 × 256", format="%.2f"),
        },
    )


def _row(name: str, kind: str, psnr: Interval, ssim: Interval) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "psnr": psnr.mean,
        "low": psnr.low,
        "high": psnr.high,
        "ssim": ssim.mean,
        "psnr95": f"{psnr.low:.2f} to {psnr.high:.2f}",
        "ssim95": f"{ssim.low:.3f} to {ssim.high:.3f}",
    }


def _intervals(theme: Theme) -> alt.Chart | Layers:
    """PSNR: the interval as a line, the mean as a dot."""
    base = alt.Chart(ROWS).encode(
        alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=130, ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("name:N"),
            alt.Tooltip("psnr:Q", title="PSNR, dB", format=".2f"),
            alt.Tooltip("psnr95:N", title="95 % interval"),
        ],
    )
    lines = base.mark_rule(color=theme.muted, strokeWidth=2).encode(
        alt.X("low:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(grid=True)), alt.X2("high")
    )
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(
        alt.X("psnr:Q"), alt.Color("kind:N", scale=palette(KINDS, theme))
    )
    return Layers([lines, dots])
