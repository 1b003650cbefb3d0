"""Downsampling and upsampling, drawn: the branch that filters, the shortcut beside it, and their sum."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from explain.figures.kit.feature_maps import Lens, Tensors, strength
from explain.figures.kit.sheet import Group, Picture, Sheet, shape_of
from explain.figures.kit.themes import LIGHT, Theme
from explain.tracing.sites import KINDS, label
from model.errors import HookError

__all__ = ["draw_down", "draw_up"]


def draw_down(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    step: int = 1,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws a residual downsampling module (paper, section 3.1).

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1/mrb_1/column_1/down_2`, or one of its steps, `.../down_1_3/step_2`; empty
            for a module run alone.
        step: Which step by 2, from 1, where the site does not say it.
        channel: The channel to show, from 0; None for the activity of all.
        theme: Colours.
        width: In inches; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site, or there is no such step.
        MirnetError: If there is no such channel.
    """
    return _draw("down", cache, site, step, channel, theme, width, into)


def draw_up(
    cache: Mapping[str, np.ndarray],
    site: str = "",
    *,
    step: int = 1,
    channel: int | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
    into: Callable[..., Any] = Sheet,
) -> Sheet:
    """Draws a residual upsampling module (paper, section 3.1).

    Args:
        cache: From `run_with_cache`.
        site: Call site, such as `rrg_1/mrb_1/merge/up_2`, or one of its steps, `.../up_3/step_2`; empty for a
            module run alone.
        step: Which step by 2, from 1, where the site does not say it.
        channel: The channel to show, from 0; None for the activity of all.
        theme: Colours.
        width: In inches; the height follows.
        into: What is filled: `Sheet`, or another `Layout`.

    Raises:
        HookError: If the cache lacks a tensor of this site, or there is no such step.
        MirnetError: If there is no such channel.
    """
    return _draw("up", cache, site, step, channel, theme, width, into)


_MAIN = {
    "down": {
        "in": "what comes in",
        "features": "1 × 1 and 3 × 3 conv, PReLU",
        "resized": "blurred, every second pixel",
    },
    "up": {"in": "what comes in", "features": "1 × 1 conv, PReLU", "resized": "transposed conv, PReLU"},
    "late": {"in": "what comes in", "features": "1 × 1 and 3 × 3 conv, ReLU", "resized": "both branches, bilinear"},
}
_SHORTCUT = {"down": "in: blurred, halved, 1 × 1 conv", "up": "in: bilinear, 1 × 1 conv", "late": "in: 1 × 1 conv"}
_SECTION = {
    "down": "Add the shortcut: a blur and a 1 × 1 convolution",
    "up": "Add the shortcut: bilinear enlargement and a 1 × 1 convolution",
    "late": "Add the shortcut: a 1 × 1 convolution",
}
_SUM = {"down": "their sum", "up": "their sum", "late": "their sum, enlarged"}
_CAPTION = {
    "down": """The picture shrinks to half its height and width, and gets twice the channels: half of the numbers are
        left. Before every second pixel goes, a blur takes out what is too fine for the smaller grid; compare
        "features" with "resized", which are drawn equally large. """,
    "up": """The picture grows to twice its height and width, and gets half the channels. The transposed convolution
        learns how to fill in the new pixels: look for a fine checkered pattern in "resized", and for smooth edges in
        the shortcut. """,
    "late": """The picture grows to twice its height and width, and gets half the channels. Made for a small board, the
        module first reduces the channels and adds the branches, and enlarges only once, at the end: a 1 × 1 convolution
        and a bilinear resize may change places. """,
}


def _draw(
    kind: str, cache, site: str, step: int, channel: int | None, theme: Theme, width: float, into: Callable[..., Any]
) -> Sheet:
    site, step = _split(site, step)
    module = Tensors(cache, site)
    steps = module.count("step_{}/out")
    if steps and not 1 <= step <= steps:
        raise HookError(f"step must be from 1 to {steps} at {site or 'this module'}, not {step}")
    at, lens = Tensors(cache, module.full(f"step_{step}")), Lens(channel)
    maps = {name: lens(at[name]) for name in ("in", "features", "resized", "main", "shortcut", "out")}
    # In the board's style the resize comes last.
    made = "late" if at["main"].shape[1] < at["resized"].shape[1] else kind
    branches = lens.scale(maps["main"], maps["shortcut"], maps["out"])
    # Down, the two differ by a blur only and are to be compared; up, by a learned layer.
    alike = [("in",), ("features", "resized")] if kind == "down" else [("in",), ("features",), ("resized",)]

    where = [label(site)] if site else []
    where += [f"step {step} of {steps}"] if steps > 1 else []
    sheet = into(theme, width, KINDS[kind].title, " · ".join(where))
    sheet.section("Main branch: filter, then resize" if kind == "down" else "Main branch: mix, then grow")
    sheet.row(
        *(
            Group(
                [Picture(maps[name], f"{name}: {shape_of(at[name])}", _MAIN[made][name]) for name in names],
                lens.scale(*(maps[name] for name in names)),
            )
            for names in alike
        ),
        columns=3,
    )
    sheet.section(_SECTION[made])
    sums = (
        ("main", "features, 1 × 1 conv" if made == "late" else "resized, 1 × 1 conv", ""),
        ("shortcut", _SHORTCUT[made], "+"),
        ("out", _SUM[made], "="),
    )
    sheet.row(
        Group(
            [Picture(maps[name], f"{name}: {shape_of(at[name])}", note, sign) for name, note, sign in sums], branches
        ),
        columns=3,
    )
    shares = (strength(at["main"]), strength(at["shortcut"]))
    return sheet.finish(f"{_CAPTION[made]} Here {_compared(*shares)}.")


def _split(site: str, step: int) -> tuple[str, int]:
    """A module's call site and the number of a step, of a site that may end in `step_2`."""
    found = re.fullmatch(r"(.*?)/?step_(\d+)", site.strip("/"))
    return (found[1], int(found[2])) if found else (site.strip("/"), step)


def _compared(main: float, shortcut: float) -> str:
    stronger, weaker = ("main branch", "shortcut") if main >= shortcut else ("shortcut", "main branch")
    ratio = max(main, shortcut) / max(min(main, shortcut), 1e-12)
    return f"the {stronger} is {ratio:.1f} times as strong as the {weaker} (root mean square)"
