"""The study's table as HTML: size, work and quality, with the intervals drawn to one scale."""

from html import escape

from explain.app.charts.line_chart import ticks
from explain.app.data.study_results import Size, Study
from explain.figures import Theme
from model.quality.scores import METHODS, Interval

__all__ = ["STYLE", "budget", "by_parameters", "size_words", "table", "verdict", "without_learning"]

STYLE = """
.study { overflow-x: auto; font-size: .875rem; }
.study table { border-collapse: collapse; width: 100%; min-width: 42rem; font-variant-numeric: tabular-nums; }
.study th, .study td { padding: .25rem .5rem; text-align: right; font-weight: 400; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.study th:first-child { text-align: left; white-space: normal; min-width: 6rem; }
.study thead th { font-size: .8rem; vertical-align: bottom; }
.study tr.first th, .study tr.first td { border-top: 2px solid color-mix(in srgb, currentColor 40%, transparent); }
.study td.marks { width: 40%; min-width: 10rem; }
.study .span { position: relative; display: block; height: 1.1em; }
.study .span i { position: absolute; top: 50%; height: 2px; margin-top: -1px; opacity: .55; background: currentColor; }
.study .span u { position: absolute; top: -.25rem; bottom: -.25rem; width: 1px; opacity: .15;
  background: currentColor; }
.study .span b { position: absolute; top: 50%; width: .65em; height: .65em; border-radius: 50%;
  transform: translate(-50%, -50%); }
.study .axis { display: block; position: relative; height: 1.2em; margin-top: .2rem; }
.study .axis span { position: absolute; transform: translateX(-50%); }
.study small { opacity: .75; }
@media (max-width: 640px) {
  .study table { display: block; min-width: 0; }
  .study thead, .study tbody { display: block; }
  .study tr { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); padding: .3rem 0;
    border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  .study tr.first { border-top: 2px solid color-mix(in srgb, currentColor 40%, transparent); }
  .study tr th, .study tr td, .study tr.first th, .study tr.first td { border: 0; padding: .1rem .2rem; }
  .study tr > :first-child, .study tr > .marks { grid-column: 1 / -1; }
  .study tr td.marks, .study thead tr th.marks { grid-row: 3; width: auto; min-width: 0; }
  .study .span, .study .axis { margin: 0 .5rem; }
  .study thead th { white-space: normal; }
  .study tr > td:nth-child(2), .study tr > th:nth-child(2) { text-align: left; }
}
"""

SHOWN = ("as_is", "gain_gamma", "oracle")  # baselines
PAIRS = 70  # of LOL that the project never trains on; the study's file does not count them


def size_words(size: str) -> str:
    """`3 × 2` of `3x2`."""
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
        f"({pixels / 1e6:.0f} million pixels), {plan.channels} channels, one recipe, one random start, and one "
        "processor core. The authors' network has 64 channels and 31.8 million parameters: **these are not the paper's "
        "numbers**, they compare the sizes with each other. How long each took is left out, since they shared their "
        "machine with other work."
    )


def verdict(study: Study) -> str:
    """What the table says, in a sentence or two."""
    best = max(study.sizes, key=lambda entry: entry.psnr.mean)
    small = min(study.sizes, key=lambda entry: entry.parameters)
    words = f"{size_words(best.size)} came furthest, {best.psnr.mean:.2f} dB"
    if best.size != small.size:
        words += (
            f": {best.psnr.mean - small.psnr.mean:.2f} dB more than {size_words(small.size)}, for "
            f"{best.macs / small.macs:.1f} times the multiplications"
        )
    if len(study.sizes) > 1 and max(e.psnr.low for e in study.sizes) <= min(e.psnr.high for e in study.sizes):
        words += (
            ". All intervals overlap: from picture to picture PSNR varies far more than from size to size, and with so "
            "short a training no size is clearly the better one"
        )
    return words + "."


def without_learning(study: Study) -> str:
    """What the rows without a network are, and what the numbers were measured on (Markdown)."""
    words = []
    if "gain_gamma" in study.baselines:
        words.append(
            "**One gain + gamma** is one curve of brightness for all pictures, the one that fits the training pairs "
            "best."
        )
    if "oracle" in study.baselines:
        psnr, ssim = study.baselines["oracle"]
        words.append(
            "**The oracle** has a curve for each picture, found by looking at the answer: a yardstick, which no method "
            f"may use. It reaches {psnr.mean:.2f} dB, for brightness is most of what PSNR sees, but an SSIM of only "
            f"{ssim.mean:.3f}: a curve leaves noise and colours as they are."
        )
    size = f"with a longer side of {study.plan.resize} pixels" if study.plan.resize else "at full size"
    words.append(f"PSNR and SSIM: mean of LOL's {PAIRS} validation pictures {size}, with its 95 % interval.")
    return " ".join(words)


def table(study: Study, theme: Theme) -> str:
    """The sizes, the smallest first, then what takes no network, as HTML."""
    names = [name for name in SHOWN if name in study.baselines]
    quality = [*(entry.psnr for entry in study.sizes), *(study.baselines[name][0] for name in names)]
    ends = min(each.low for each in quality), max(each.high for each in quality)
    rows = [
        _row(
            f"{size_words(entry.size)}",
            [f"{entry.parameters:,}", f"{entry.macs / 1e9:.2f}"],
            entry.psnr,
            entry.ssim,
            ends,
            theme.streams[0],
        )
        for entry in by_parameters(study)
    ]
    for k, name in enumerate(names):
        first = ' class="first"' if k == 0 else ""
        rows.append(_row(METHODS[name], ["", ""], *study.baselines[name], ends, theme.streams[1], first))
    head = "".join(
        f"<th{' class=marks' if words.startswith('PSNR in dB') else ''}>{words}</th>"
        for words in (
            "RRG × MRB",
            "PSNR<br><small>95 % interval</small>",
            f"PSNR in dB: <small>dot the mean, line the interval</small>{_axis(ends)}",
            "SSIM<br><small>95 % interval</small>",
            "parameters",
            "GMAC<br><small>at 256 × 256</small>",
        )
    )
    body = "".join(rows)
    return f'<div class="study"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(
    name: str,
    counts: list[str],
    psnr: Interval,
    ssim: Interval,
    ends: tuple[float, float],
    colour: str,
    attributes: str = "",
) -> str:
    cells = "".join(f"<td>{count}</td>" for count in counts)
    quality = f"<td>{psnr.mean:.2f} dB<br><small>{psnr.low:.2f} to {psnr.high:.2f}</small></td>"
    likeness = f"<td>{ssim.mean:.3f}<br><small>{ssim.low:.3f} to {ssim.high:.3f}</small></td>"
    marks = f'<td class="marks">{_marks(psnr, ends, colour)}</td>'
    return f'<tr{attributes}><th scope="row">{escape(name)}</th>{quality}{marks}{likeness}{cells}</tr>'


def _marks(of: Interval, ends: tuple[float, float], colour: str) -> str:
    """The interval as a line, the mean as a dot."""
    mean, start, end = (_place(value, ends) for value in (of.mean, of.low, of.high))
    lines = "".join(f'<u style="left: {_place(mark, ends):.2f}%"></u>' for mark in ticks(*ends))
    return (
        f'<span class="span" aria-hidden="true">{lines}<i style="left: {start:.2f}%; width: {end - start:.2f}%"></i>'
        f'<b style="left: {mean:.2f}%; background: {colour}"></b></span>'
    )


def _axis(ends: tuple[float, float]) -> str:
    """The numbers over the lines of all rows."""
    marks = "".join(f'<span style="left: {_place(mark, ends):.2f}%">{mark:g}</span>' for mark in ticks(*ends))
    return f'<span class="axis" aria-hidden="true">{marks}</span>'


def _place(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return 100 * (value - low) / (high - low)
