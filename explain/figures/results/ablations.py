"""Ablations, drawn: PSNR lost without each part, as bars; one photo intact and ablated."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from explain.analysis.ablation import KINDS, AblationRow, Effect
from explain.analysis.ablation.interventions import PARTS
from explain.figures.kit.charts import horizontal_bars, label_beside, number_values
from explain.figures.kit.feature_maps import signed_scale
from explain.figures.kit.part_colours import part_legend
from explain.figures.kit.sheet import Chart, Picture, PictureGroup, Sheet
from explain.figures.kit.themes import LIGHT, Theme

__all__ = ["draw_ablations", "draw_effect"]

WIDTH = 12.0  # inches
ROW = 0.23  # inches for the bar of an ablation with a label
SHOWN = 14  # bars with labels
LABELS = 1.3  # room for the labels, as a share of the longest bars
FEW = 6  # blocks that have room for their names below a chart
LEVELS = 255


def draw_ablations(rows: Sequence[AblationRow], theme: Theme = LIGHT, title: str = "", subtitle: str = "") -> Sheet:
    """Draws a table of ablations: the most harmful with labels, then all of them kind by kind.

    Args:
        rows: From `explain.analysis.ablation.every_ablation`.
        theme: Colours.
        title: First line, such as the name of the weights.
        subtitle: Second line: on which photos.
    """
    sheet = Sheet(theme, WIDTH, title or "What each part is worth", subtitle)
    most = sorted(rows, key=lambda row: -row.harm)[:SHOWN]
    unit = _unit(rows)
    sheet.row(
        Chart(_labeled(most, theme), "the most harmful", f"{unit} when this alone is done", height=ROW * len(most)),
        columns=1,
    )
    single = [row for row in rows if row.ablation.site]
    if single:
        sheet.section("Each call site by itself, in the order of execution")
        ends = _ends(single)
        charts = []
        for kind in KINDS.values():
            same = sorted((row for row in single if row.ablation.kind == kind.name), key=lambda row: row.place)
            if same:
                charts.append(Chart(_in_order(same, theme, ends), kind.words, unit, height=1.1))
        sheet.row(*charts, columns=2)
    return sheet.finish(_caption(rows))


def draw_effect(
    found: Effect, dark: np.ndarray, bright: np.ndarray | None = None, theme: Theme = LIGHT, title: str = ""
) -> Sheet:
    """Draws one photo with the whole network, without some of its parts, and the difference, amplified.

    Args:
        found: From `explain.analysis.ablation.effect`.
        dark: The photo, (height, width, 3), uint8 or floating point within [0, 1].
        bright: The photo in good light, of the same size and kind.
        theme: Colours.
        title: First line.
    """
    names = [ablation.words for ablation in found.chosen] or ["nothing is switched off"]
    sheet = Sheet(theme, WIDTH, title or "Without a part", "; ".join(names))
    change = LEVELS * found.difference.mean(axis=-1)  # (height, width)
    scale = signed_scale([change], "grey levels of 255")
    amplified = f"the largest {np.abs(change).max():.1f} grey levels"
    photos = [
        Picture(_shown(dark), "dark photo", "input"),
        Picture(found.intact, "intact", _score(found.psnr_intact)),
        Picture(found.output, "ablated", _score(found.psnr)),
    ]
    if bright is not None:
        photos.insert(1, Picture(_shown(bright), "bright photo", "the answer"))
    sheet.row(
        PictureGroup(photos),
        PictureGroup([Picture(change, f"ablated − intact, × {_factor(scale.high)}", amplified)], scale),
        columns=len(photos) + 1,
    )
    return sheet.finish(_effect_caption(found))


def _labeled(rows: Sequence[AblationRow], theme: Theme) -> Callable[[Axes], None]:
    colours = _colours(theme)

    def draw(axes: Axes) -> None:
        for y, row in enumerate(rows):
            axes.barh(y, row.harm, 0.7, color=colours[row.ablation.part])
            label_beside(axes, max(row.harm, 0), y, f"{row.ablation.words}   {_amount(row)}", theme)
        low, high = _range(rows)
        horizontal_bars(axes, len(rows), low, high + LABELS * (high - low or 1))
        part_legend(axes, theme, [Patch(color=colour, label=part) for part, colour in colours.items()])

    return draw


def _in_order(rows: Sequence[AblationRow], theme: Theme, ends: tuple[float, float]) -> Callable[[Axes], None]:
    colour = _colours(theme)[rows[0].ablation.part]
    blocks = [_block(row.ablation.site) for row in rows]

    def draw(axes: Axes) -> None:
        axes.bar(range(len(rows)), [row.harm for row in rows], 0.8, color=colour)
        axes.axhline(0, color=theme.line, linewidth=0.8)
        starts = [k for k, block in enumerate(blocks) if k == 0 or block != blocks[k - 1]]
        middles = [(a + b - 1) / 2 for a, b in zip(starts, [*starts[1:], len(rows)], strict=True)]
        for start in starts[1:]:
            axes.axvline(start - 0.5, color=theme.line, linewidth=0.6, linestyle=(0, (2, 2)))
        names = [blocks[start] for start in starts]
        if len(names) > FEW:
            names = [".".join(re.findall(r"\d+", name)) for name in names]
            axes.set_xlabel("group.block")
        axes.set_xticks(middles, names)
        axes.set(xlim=(-0.6, len(rows) - 0.4), ylim=ends)
        number_values(axes)

    return draw


def _block(site: str) -> str:
    """`group 1, block 2` of a call site."""
    group, *rest = site.split("/")
    name = group.replace("rrg_", "group ")
    return f"{name}, {rest[0].replace('mrb_', 'block ')}" if rest else name


def _range(rows: Sequence[AblationRow]) -> tuple[float, float]:
    """The least and the most harm, 0 included."""
    return min(0.0, *(row.harm for row in rows)), max(0.0, *(row.harm for row in rows))


def _ends(rows: Sequence[AblationRow]) -> tuple[float, float]:
    """One vertical axis for all kinds, with a little air."""
    low, high = _range(rows)
    air = 0.05 * (high - low or 1)
    return low - (air if low < 0 else 0), high + air


def _unit(rows: Sequence[AblationRow]) -> str:
    return "grey levels of change" if rows[0].loss is None else "dB lost"


def _amount(row: AblationRow) -> str:
    if row.loss is None or row.worst is None:
        return f"{row.rms:.1f} grey levels"
    return f"{row.loss:.2f} dB, worst photo {row.worst:.2f}"


def _caption(rows: Sequence[AblationRow]) -> str:
    first = max(rows, key=lambda row: row.harm)
    text = f"The most harmful is {first.ablation.words} ({_amount(first)})."
    if first.loss is not None:
        better = [row for row in rows if row.loss is not None and row.loss < 0]
        text += (
            f" In {len(better)} of {len(rows)} the bar is below zero: these photos are better without the part. Parts"
            " can stand in for each other, so losses do not add up."
        )
    return text


def _effect_caption(found: Effect) -> str:
    text = f"The ablated photo differs by {found.rms:.1f} grey levels (root mean square) and is "
    text += f"{abs(found.shift):.1f} {'brighter' if found.shift >= 0 else 'darker'} in the mean."
    if found.change is not None:
        verb = "loses" if found.change < 0 else "gains"
        text += f" Against the bright photo it {verb} {abs(found.change):.2f} dB."
    return f"{text} Look at the difference: one colour all over is a change of brightness, lines and edges are detail."


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} dB"


def _factor(high: float) -> str:
    return f"{LEVELS / high:.2g}" if LEVELS / high < 100 else f"{LEVELS / high:.0f}"


def _colours(theme: Theme) -> dict[str, str]:
    return dict(zip(PARTS, theme.streams, strict=False))


def _shown(photo: np.ndarray) -> np.ndarray:
    return photo / LEVELS if photo.dtype == np.uint8 else photo
