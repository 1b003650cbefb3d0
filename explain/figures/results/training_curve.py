"""The curves of a training: loss, validation PSNR and learning rate over the steps."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from explain.figures.kit.charts import number_values
from explain.figures.kit.sheet import Chart, Sheet
from explain.figures.kit.themes import Theme
from model.training.checkpoint import LogRow

__all__ = ["draw_training"]

WIDTH = 10.0  # inches
HEIGHT = 2.4
LOSSES = np.array([1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100]) / 100  # marked on a logarithmic axis


def draw_training(rows: Sequence[LogRow], theme: Theme, title: str, subtitle: str = "") -> Sheet:
    """Loss, learning rate and validation PSNR over the steps.

    Args:
        rows: The log (`model.training.run_log.read_log`), at least one row.
        theme: Colours.
        title: What was trained.
        subtitle: How.
    """
    sheet = Sheet(theme, WIDTH, title, subtitle)
    measured = [row for row in rows if row.validation_psnr is not None]
    charts = [
        Chart(_loss(rows, theme), "training loss", "Charbonnier, mean of a round; lower is better", height=HEIGHT)
    ]
    if measured:
        note = "of the averaged weights; higher is better"
        now = f"validation PSNR, now {measured[-1].validation_psnr:.2f} dB"
        charts.append(Chart(_psnr(measured, rows[-1].step, theme), now, note, height=HEIGHT))
    charts.append(Chart(_rate(rows, theme), "learning rate", "warm-up, then half a cosine", height=HEIGHT))
    sheet.row(*charts, columns=len(charts))
    last = rows[-1]
    found = f", and reached {measured[-1].validation_psnr:.2f} dB on the validation pictures" if measured else ""
    return sheet.finish(
        f"The loss went from {rows[0].loss:.3f} to {last.loss:.3f} in {last.step:,} steps and {duration(last.seconds)}"
        f"{found}."
    )


def duration(seconds: float) -> str:
    """A readable time: `45 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _loss(rows: Sequence[LogRow], theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        axes.plot([row.step for row in rows], [row.loss for row in rows], color=theme.streams[0], linewidth=1.4)
        losses = np.array([row.loss for row in rows])
        if losses.max() > 3 * losses.min():  # the first rounds would press the rest flat
            axes.set_yscale("log")
            inside = LOSSES[(losses.min() <= LOSSES) & (losses.max() >= LOSSES)]
            axes.set_yticks(inside, [f"{loss:g}" for loss in inside])
            axes.yaxis.set_minor_locator(NullLocator())
        else:
            number_values(axes)
        _steps(axes, rows[-1].step, theme)

    return draw


def _psnr(measured: Sequence[LogRow], steps: int, theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        values = [row.validation_psnr for row in measured if row.validation_psnr is not None]
        measured_at = [row.step for row in measured]
        axes.plot(measured_at, values, color=theme.streams[2], linewidth=1.4, marker="o", markersize=3.5)
        number_values(axes, " dB")
        _steps(axes, steps, theme)

    return draw


def _rate(rows: Sequence[LogRow], theme: Theme) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        axes.plot([row.step for row in rows], [row.learning_rate for row in rows], color=theme.accent, linewidth=1.4)
        axes.set_ylim(bottom=0)
        number_values(axes)
        _steps(axes, rows[-1].step, theme)

    return draw


def _steps(axes: Axes, steps: int, theme: Theme) -> None:
    axes.set(xlim=(0, steps * 1.03), xlabel="step")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value / 1000:g}k" if value >= 1000 else f"{value:g}")
    )
    axes.grid(axis="y", color=theme.line, linewidth=0.5, alpha=0.5)
