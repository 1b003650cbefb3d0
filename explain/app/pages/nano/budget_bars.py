"""Does it fit? RAM, flash and time of the board's network against the limits, and of two that do not fit."""

from dataclasses import dataclass
from html import escape
from math import log10

import streamlit as st

from embedded.budget.boards import FRAME_BYTES, BoardLimits
from embedded.budget.fit import Fit
from explain.app.compute.board_model import fitted
from explain.app.data.board_measurements import Counts, Need, read_counts, read_needs
from explain.app.pages.nano.memory_step import seconds_of
from explain.app.url.session import Context
from explain.figures import Theme

__all__ = ["STYLE", "Claim", "claims_of_nano", "claims_of_needs", "fit_section", "limits"]

STYLE = """
.fit { display: grid; grid-template-columns: max-content minmax(6rem, 1fr) max-content; gap: .3rem .8rem;
  font-size: .9rem; align-items: center; font-variant-numeric: tabular-nums; }
.fit h4 { grid-column: 1 / 4; margin: .7rem 0 0; font-size: 1rem; padding: 0; }
.fit .track { position: relative; height: 1.1rem; background: color-mix(in srgb, currentColor 7%, transparent);
  border-radius: 3px; }
.fit .track i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: 3px; }
.fit .track b { position: absolute; top: -.25rem; bottom: -.25rem; border-left: 2px solid currentColor; }
.fit .track u { position: absolute; top: 0; bottom: 0; width: 1px; background: currentColor; opacity: .25; }
.fit .words { text-align: right; }
.fit .axis { position: relative; height: 1.2em; font-size: .8rem; }
.fit .axis span { position: absolute; transform: translateX(-50%); }
.fit .axis span:first-child { transform: none; }
.fit-key { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; font-size: .85rem; }
.fit-key i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
@media (max-width: 640px) { .fit .words { grid-column: 1 / 4; text-align: left; margin-top: -.2rem; }
  .fit .track, .fit .axis { grid-column: 2 / 4; } }
"""

LEAST, MOST = 0.1, 10_000.0
"""Ends of the axis: shares of a limit."""

MARKS = (0.1, 1, 10, 100, 1000)  # of the axis; the last end has no room for its number on a phone
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
        """Of the limit."""
        return self.needed / self.limit

    @property
    def words(self) -> str:
        """Need and limit, for people."""
        amounts = [_amount(self.name, value) for value in (self.needed, self.limit)]
        times = f"{self.share:,.0f}" if self.share >= 100 else f"{self.share:.3g}"
        more = f" · {times} times the limit" if self.share > 1 else ""
        return f"{'at least ' if self.least else ''}{amounts[0]} of {amounts[1]}{more}"


def fit_section(here: Context) -> None:
    """Shows the bars."""
    found, counts = fitted(), read_counts()
    st.subheader("What fits", anchor=False)
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
    st.html(limits(networks, here.theme))
    needs = {need.name: need for need in read_needs()}
    desk, paper = needs["desk"], needs["paper"]
    st.markdown(
        f"**Why `desk` does not fit**, with only {desk.parameters:,} weights: it works at full resolution. One tensor "
        f"of 8 channels has 160 × 120 × 8 = {160 * 120 * 8:,} numbers, and several have to be there at once: no order "
        f"of its operators needs less than {desk.least_arena:,} B. `nano` first folds squares of 5 × 5 pixels into "
        f"channels, and needs {found.plan.peak:,} B. **`paper`** is too large for the flash already: "
        f"{paper.parameters:,} weights of one byte. Its {paper.macs / 1e9:,.0f} billion multiplications would take "
        "hours a frame. Both also use PReLU and transposed convolutions, for which the board has no kernels."
    )
    st.caption(
        f"nano: RAM measured with the camera's frame and the stack; flash about, with the Arduino core, USB and the "
        f"camera's library; time from {counts.instructions / 1e6:.1f} million counted instructions, an estimate. "
        "desk, paper: as if every number were one byte, with the frame of the camera; for RAM the least that any order "
        "of the operators needs; time and flash are estimates of `mirnet fit`."
    )


def claims_of_nano(found: Fit, counts: Counts) -> list[Claim]:
    """What the shipped model needs: RAM and time as counted, flash as estimated with the sketch around it."""
    ram, flash, time = found.lines
    return [
        Claim("RAM", counts.ram, ram.limit.value),
        Claim("flash", found.flash, flash.limit.value),
        Claim("time", seconds_of(found, counts.instructions), time.limit.value),
    ]


def claims_of_needs(need: Need, board: BoardLimits) -> list[Claim]:
    """What a larger preset would need."""
    return [
        Claim("RAM", need.least_arena + FRAME_BYTES, board.ram.value, least=True),
        Claim("flash", need.flash, board.flash.value),
        Claim("time", need.seconds, board.seconds.value),
    ]


def limits(networks: dict[str, list[Claim]], theme: Theme) -> str:
    """Bars on a logarithmic axis of shares of the limit."""
    lines = "".join(f'<u style="left:{_place(mark):.1f}%"></u>' for mark in MARKS)
    rows = []
    for name, claims in networks.items():
        rows.append(f"<h4>{escape(name)}</h4>")
        for claim in claims:
            colour = theme.accent if claim.share > 1 else theme.streams[2]
            rows.append(
                f'<span>{claim.name}</span><div class="track" aria-hidden="true">{lines}<i style="width:'
                f'{_place(claim.share):.1f}%;background:{colour}"></i><b style="left:{_place(1):.1f}%"></b></div>'
                f'<span class="words">{escape(claim.words)}</span>'
            )
    numbers = "".join(f'<span style="left:{_place(mark):.1f}%">{mark:,}×</span>' for mark in MARKS)
    axis = f'<div class="axis" aria-hidden="true">{numbers}</div><span class="words">the limit is 1×</span>'
    key = "".join(
        f'<span><i style="background:{colour}"></i>{words}</span>'
        for colour, words in ((theme.streams[2], "within the limit"), (theme.accent, "beyond it"))
    )
    return f'<div class="fit-key">{key}</div><div class="fit">{"".join(rows)}<span></span>{axis}</div>'


def _place(share: float) -> float:
    return 100 * min(max(log10(share / LEAST) / log10(MOST / LEAST), 0.0), 1.0)


def _amount(name: str, value: float) -> str:
    if name != "time":
        return f"{value / 1024:,.0f} KB"
    return f"{value:.1f} s" if value < 600 else f"{value / 3600:.1f} h"
