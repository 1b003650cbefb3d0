"""Does it fit? RAM, flash and time of the board's network against the limits, and of two that do not fit."""

from dataclasses import dataclass
from typing import Any

import altair as alt
import streamlit as st

from embedded.budget.boards import FRAME_BYTES, BoardLimits
from embedded.budget.fit import Fit
from explain.app.charts.altair_charts import ROWS, Layers, Row, show
from explain.app.compute.board_model import fitted
from explain.app.data.board_measurements import Counts, Need, read_counts, read_needs
from explain.app.url.session import Context
from explain.app.views.nano.memory_step import seconds_of
from explain.figures import Theme

__all__ = ["Claim", "claims_of_nano", "claims_of_needs", "fit_section", "limits"]

LEAST, MOST = 0.1, 10_000.0
"""Ends of the axis: shares of a limit."""

KINDS = ("within the limit", "beyond it")
ROW, AROUND = 38, 90  # pixels: of a bar and its text, and of the axis and the legend
CHIP_RAM, CHIP_FLASH = 256, 1024  # KB that the nRF52840 has, by its product specification


@dataclass(frozen=True)
class Claim:
    """What a network needs of one thing.

    Attributes:
        name: `RAM`, `flash` or `time`.
        needed: Bytes or seconds.
        limit: The most that there may be.
        least: Whether it certainly needs more.
    """

    name: str
    needed: float
    limit: float
    least: bool = False

    @property
    def share(self) -> float:
        """`needed` over `limit`; above 1 it does not fit."""
        return self.needed / self.limit

    @property
    def text(self) -> str:
        """Need and limit, for people."""
        amounts = [_amount(self.name, value) for value in (self.needed, self.limit)]
        times = f"{self.share:,.0f}" if self.share >= 100 else f"{self.share:.3g}"
        more = f" · {times} times the limit" if self.share > 1 else ""
        return f"{'at least ' if self.least else ''}{amounts[0]} of {amounts[1]}{more}"


def fit_section(here: Context) -> None:
    """Shows RAM, flash and time of the networks as bars, and says why two do not fit."""
    found, counts = fitted(), read_counts()
    st.markdown(
        f"The {found.board.title} has an {found.board.processor} at {found.board.clock_hz.value / 1e6:.0f} MHz, with "
        f"{CHIP_RAM} KB of RAM and {CHIP_FLASH // 1024} MB of flash. The limits are **targets of our own**: "
        f"{_amount('RAM', found.board.ram.value)} of RAM are what the Arduino core, USB, heap and stack leave, "
        f"{_amount('flash', found.board.flash.value)} of flash have to hold the core, too, and "
        f"{_amount('time', found.board.seconds.value)} is how long we want to wait for a picture. The thick line is "
        "the limit; each step of the axis is ten times the one before."
    )
    networks = {"nano": claims_of_nano(found, counts)} | {
        need.name: claims_of_needs(need, found.board) for need in read_needs()
    }
    show(*limits(networks, here.theme), "What the networks need, as shares of the limits")
    needs = {need.name: need for need in read_needs()}
    desk, paper = needs["desk"], needs["paper"]
    st.markdown(
        f"**Why `desk` does not fit**, with only {desk.parameters:,} weights: it works at full resolution. One tensor "
        f"of 8 channels has 160 × 120 × 8 = {160 * 120 * 8:,} numbers, and several have to be there at once: no order "
        f"of its operators needs less than {_amount('RAM', desk.least_arena)}. `nano` first turns squares of 5 × 5 "
        f"pixels into channels (space-to-depth), and needs {_amount('RAM', found.plan.peak)}. **`paper`** is too large "
        f"for the flash already: {paper.parameters / 1e6:.0f} million weights of one byte."
    )
    st.caption(
        f"nano: RAM measured with the camera's frame and the stack; flash about, with the Arduino core, USB and the "
        f"camera's library; time estimated from {counts.instructions / 1e6:.1f} million counted instructions. desk, "
        "paper: as if every number were one byte, with the camera's frame; RAM is the least that any order of the "
        "operators needs; time and flash are estimates of `mirnet fit`."
    )


def claims_of_nano(found: Fit, counts: Counts) -> list[Claim]:
    """What the shipped model needs: RAM and time as counted, flash as estimated with the sketch around it."""
    ram, flash, time = found.lines
    return [
        Claim("RAM", counts.ram, ram.limit.value),
        Claim("flash", found.flash, flash.limit.value),
        Claim("time", seconds_of(found, counts.cycles.likely), time.limit.value),
    ]


def claims_of_needs(need: Need, board: BoardLimits) -> list[Claim]:
    """What a larger preset would need."""
    return [
        Claim("RAM", need.least_arena + FRAME_BYTES, board.ram.value, least=True),
        Claim("flash", need.flash, board.flash.value),
        Claim("time", need.seconds, board.seconds.value),
    ]


def limits(networks: dict[str, list[Claim]], theme: Theme) -> tuple[Layers, list[Row]]:
    """Horizontal bars on a logarithmic axis of shares of the limit, below the name of each network."""
    rows: list[Row] = []
    for name, claims in networks.items():
        rows.append({"line": name, "network": name})
        rows += [
            {
                "line": f"{name} {claim.name}",
                "share": min(max(claim.share, LEAST), MOST),
                "kind": KINDS[claim.share > 1],
                "text": claim.text,
            }
            for claim in claims
        ]
    times = alt.Axis(values=[10.0**k for k in range(-1, 5)], labelExpr="format(datum.value, ',~g') + '×'", grid=True)
    scale = alt.Scale(type="log", domain=[LEAST, MOST], nice=False)
    share = alt.X("share:Q", title="share of the limit, which is 1×", scale=scale, axis=times)
    names = alt.Axis(labelExpr="split(datum.value, ' ')[1] || ''", domain=False, ticks=False, grid=False)
    line = alt.Y("line:N", title=None, sort=[row["line"] for row in rows], axis=names)
    colour = alt.Color("kind:N", scale=alt.Scale(domain=KINDS, range=[theme.streams[2], theme.accent]))
    claim = alt.Chart(ROWS).transform_filter("isValid(datum.share)").encode(line, alt.Tooltip("text:N"))
    bars = claim.mark_bar(size=12, yOffset=7).encode(share, colour, alt.X2Datum(LEAST))
    letters: dict[str, Any] = {"align": "left", "x": 0, "fontSize": 12, "color": theme.text}
    text = claim.mark_text(dx=2, dy=-9, **letters).encode(alt.Text("text:N"))
    limit = claim.mark_tick(thickness=2, size=14, yOffset=7, color=theme.text, opacity=1).encode(alt.XDatum(1))
    network = alt.Chart(ROWS).transform_filter("isValid(datum.network)").encode(line, alt.Text("network:N"))
    headings = network.mark_text(dy=5, fontWeight="bold", **(letters | {"fontSize": 14}))
    layers = [bars, limit, text, headings]
    return Layers(layers, height=ROW * len(rows) + AROUND), rows


def _amount(name: str, value: float) -> str:
    if name != "time":
        return f"{value / 1024:,.0f} KB"
    return f"{value:.1f} s" if value < 600 else f"{value / 3600:.1f} h"
