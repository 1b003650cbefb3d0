"""The study of sizes, drawn: PSNR over MACs, validation curves, and the same photos by all."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from explain.analysis.study import StudyEntry, StudyPlan
from explain.figures.kit.charts import label_beside, number_values
from explain.figures.kit.sheet import Chart, Picture, PictureGroup, Sheet
from explain.figures.kit.themes import SIZES, Theme
from model.quality.metrics import psnr
from model.samples import load_sample
from model.training.checkpoint import LogRow
from model.training.run_log import read_log

__all__ = ["draw_study"]

WIDTH = 12.0  # inches
HEIGHT = 2.6


def draw_study(
    plan: StudyPlan,
    entries: Sequence[StudyEntry],
    folder: Path,
    photos: Mapping[str, Mapping[str, np.ndarray]],
    theme: Theme,
) -> Sheet:
    """Draws a finished study.

    Args:
        plan: What was compared.
        entries: What became of each size.
        folder: Where the logs are.
        photos: Sample to size to the restored photo, uint8.
        theme: Colours.
    """
    logs = {size: read_log(folder / size / "log.csv") for size in plan.sizes}
    title = "Sizes of MIRNet under one budget"
    budget = f"{plan.steps:,} steps of {plan.batch} crops of {plan.crop} × {plan.crop} each, {plan.channels} channels"
    sheet = Sheet(theme, WIDTH, title, budget)
    sheet.row(
        Chart(_work(entries, theme), "PSNR and work", "dB on the validation pictures, 95 % intervals", height=HEIGHT),
        Chart(_curves(logs, theme), "during training", "validation PSNR in dB at a quarter of the size", height=HEIGHT),
        columns=2,
    )
    sheet.section("The same photos by all of them (PSNR against the photo in good light)")
    for name, by_size in photos.items():
        dark, bright = load_sample(name)
        pictures = [_picture("dark photo", dark, bright)]
        pictures += [_picture(size.replace("x", " × "), by_size[size], bright) for size in plan.sizes]
        pictures.append(Picture(bright / 255, "in good light", "the answer"))
        sheet.row(PictureGroup(pictures), columns=len(pictures))
    best = max(entries, key=lambda entry: entry.psnr.mean)
    return sheet.finish(
        f"With this budget {best.size.replace('x', ' × ')} came furthest, {best.psnr.mean:.2f} dB. Deeper networks do "
        "more work in each step, so equal steps are not equal time."
    )


def _picture(title: str, values: np.ndarray, bright: np.ndarray) -> Picture:
    return Picture(values / 255, title, f"{psnr(values, bright, data_range=255):.2f} dB")


def _work(entries: Sequence[StudyEntry], theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        for entry in entries:
            work, quality = entry.macs / 1e9, entry.psnr
            axes.plot([work, work], [quality.low, quality.high], color=theme.muted, linewidth=1)
            axes.plot(work, quality.mean, "o", color=theme.streams[0], markersize=5)
            label_beside(axes, work, quality.mean, entry.size.replace("x", " × "), theme)
        axes.set_xlabel("GMAC for 256 × 256 pixels", color=theme.muted, fontsize=SIZES.small)
        axes.margins(x=0.15)
        number_values(axes)

    return draw


def _curves(logs: Mapping[str, Sequence[LogRow]], theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        styles = ("-", (0, (5, 2)), (0, (1, 1)))
        for k, (size, rows) in enumerate(logs.items()):
            found = [(row.step, row.validation_psnr) for row in rows if row.validation_psnr is not None]
            color, style = theme.streams[k % len(theme.streams)], styles[k // len(theme.streams) % len(styles)]
            marker = "o" if len(found) == 1 else None
            axes.plot(*zip(*found, strict=True), color=color, linestyle=style, marker=marker, linewidth=1.4, label=size)
        axes.set_xlabel("step", color=theme.muted, fontsize=SIZES.small)
        axes.legend(frameon=False, fontsize=SIZES.small, labelcolor=theme.text, handlelength=2)
        number_values(axes)

    return draw
