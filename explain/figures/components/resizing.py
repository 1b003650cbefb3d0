"""Downsampling and upsampling, drawn: the branch that filters, the shortcut beside it, and their sum."""

import re
from collections.abc import Mapping
from functools import partial

import numpy as np

from explain.figures.kit.blocks import Content, Part, Picture, PictureGroup, row, shape_of
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.feature_maps import Lens, Tensors, strength
from explain.tracing.sites import KINDS, label
from model.errors import HookError

__all__ = ["draw_down", "draw_up"]


_MAIN = {
    "down": {
        "in": "input",
        "features": "1 × 1 and 3 × 3 conv, PReLU",
        "resized": "blurred, every second pixel",
    },
    "up": {"in": "input", "features": "1 × 1 conv, PReLU", "resized": "transposed conv, PReLU"},
    "late": {"in": "input", "features": "1 × 1 and 3 × 3 conv, ReLU", "resized": "both branches, bilinear"},
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
        and a bilinear resize may be swapped. """,
}


def _resized(
    kind: str, cache: Mapping[str, np.ndarray], site: str = "", *, step: int = 1, channel: int | None = None
) -> Content:
    """A residual resizing module (paper, section 3.1), `down` or `up`.

    A site is, for example, `rrg_1/mrb_1/merge/up_3`, or one of its steps by 2, `.../up_3/step_2`; where it does not say
    which, `step` does, from 1. There is a HookError if there is no such step.
    """
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
    main = row(
        *(
            PictureGroup(
                [Picture(maps[name], f"{name}: {shape_of(at[name])}", _MAIN[made][name]) for name in names],
                lens.scale(*(maps[name] for name in names)),
            )
            for names in alike
        ),
        columns=3,
    )
    sums = (
        ("main", "features, 1 × 1 conv" if made == "late" else "resized, 1 × 1 conv", ""),
        ("shortcut", _SHORTCUT[made], "+"),
        ("out", _SUM[made], "="),
    )
    added = [Picture(maps[name], f"{name}: {shape_of(at[name])}", note, sign) for name, note, sign in sums]
    parts: list[Part] = [
        "Main branch: filter, then resize" if kind == "down" else "Main branch: mix, then grow",
        main,
        _SECTION[made],
        row(PictureGroup(added, branches), columns=3),
    ]
    shares = (strength(at["main"]), strength(at["shortcut"]))
    return Content(KINDS[kind].title, " · ".join(where), parts, f"{_CAPTION[made]} Here {_compared(*shares)}.")


draw_down = Drawing(partial(_resized, "down"))
draw_up = Drawing(partial(_resized, "up"))


def _split(site: str, step: int) -> tuple[str, int]:
    """A module's call site and the number of a step, of a site that may end in `step_2`."""
    found = re.fullmatch(r"(.*?)/?step_(\d+)", site.strip("/"))
    return (found[1], int(found[2])) if found else (site.strip("/"), step)


def _compared(main: float, shortcut: float) -> str:
    stronger, weaker = ("main branch", "shortcut") if main >= shortcut else ("shortcut", "main branch")
    ratio = max(main, shortcut) / max(min(main, shortcut), 1e-12)
    return f"the {stronger} is {ratio:.1f} times as strong as the {weaker} (root mean square)"
