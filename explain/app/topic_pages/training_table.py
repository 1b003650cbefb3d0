"""The study's table as HTML: size, work and quality, with the intervals drawn to one scale."""

from html import escape

from explain.app.study_data import Study
from explain.figures import Theme
from model.evaluate import METHODS, Interval

__all__ = ["STYLE", "budget", "size_words", "table", "verdict"]

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
.study .span b { position: absolute; top: 50%; width: .65em; height: .65em; border-radius: 50%;
  transform: translate(-50%, -50%); }
.study small { opacity: .75; }
"""

SHOWN = ("as_is", "gain_gamma", "oracle")  # baselines


def size_words(size: str) -> str:
    """`3 × 2` of `3x2`."""
    return size.replace("x", " × ")


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


def table(study: Study, theme: Theme) -> str:
    """The sizes in the order of the study, then what takes no network, as HTML."""
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
        for entry in study.sizes
    ]
    for k, name in enumerate(names):
        first = ' class="first"' if k == 0 else ""
        rows.append(_row(METHODS[name], ["", ""], *study.baselines[name], ends, theme.streams[1], first))
    head = "".join(
        f"<th>{words}</th>"
        for words in (
            "RRG × MRB",
            "PSNR<br><small>95 % interval</small>",
            "",
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
    low, high = ends
    mean, start, end = (100 * (value - low) / (high - low) for value in (of.mean, of.low, of.high))
    return (
        f'<span class="span" aria-hidden="true"><i style="left: {start:.2f}%; width: {end - start:.2f}%"></i>'
        f'<b style="left: {mean:.2f}%; background: {colour}"></b></span>'
    )
