"""Worst and best cases of a network: the dark photo, the restored one, and the reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.figures.kit.sheet import Picture, PictureGroup, Sheet
from explain.figures.kit.themes import Theme

__all__ = ["Case", "draw_cases"]

WIDTH = 10.0  # inches


@dataclass(frozen=True)
class Case:
    """One pair and what was made of it; all pictures (height, width, 3) uint8.

    Attributes:
        name: The pair's name.
        low: The dark photo.
        curve: The dark photo through the one gain and gamma of the training pairs; None where there are none.
        restored: What the network made of it.
        high: The bright photo.
        low_psnr: PSNR of the dark photo against the bright one, in dB.
        curve_psnr: PSNR after gain and gamma.
        psnr: PSNR of the network's picture.
        ssim: SSIM of the network's picture.
    """

    name: str
    low: np.ndarray
    curve: np.ndarray | None
    restored: np.ndarray
    high: np.ndarray
    low_psnr: float
    curve_psnr: float | None
    psnr: float
    ssim: float


def draw_cases(worst: Sequence[Case], best: Sequence[Case], theme: Theme, title: str, subtitle: str = "") -> Sheet:
    """The worst and the best cases, a row for each.

    Args:
        worst: The worst first.
        best: The best first; may be empty.
        theme: Colours.
        title: Which network.
        subtitle: On which pictures.
    """
    sheet = Sheet(theme, WIDTH, title, subtitle)
    for heading, cases in (("Worst", worst), ("Best", best)):
        if cases:
            sheet.section(heading)
        for case in cases:
            sheet.row(PictureGroup(_pictures(case)), columns=4)
    text = f"Worst is {worst[0].name} with {worst[0].psnr:.2f} dB" if worst else "No pictures"
    text += f", best {best[0].name} with {best[0].psnr:.2f} dB." if best else "."
    if any(case.curve is not None for case in (*worst, *best)):
        text += " The second column is one curve for all pictures: what needs no network."
    return sheet.finish(text)


def _pictures(case: Case) -> list[Picture]:
    curve = [] if case.curve is None else [Picture(_shown(case.curve), "one gain + gamma", f"{case.curve_psnr:.2f} dB")]
    return [
        Picture(_shown(case.low), f"{case.name}: input", f"{case.low_psnr:.2f} dB"),
        *curve,
        Picture(_shown(case.restored), "network", f"{case.psnr:.2f} dB, SSIM {case.ssim:.3f}"),
        Picture(_shown(case.high), "bright photo", "the answer"),
    ]


def _shown(picture: np.ndarray) -> np.ndarray:
    return picture / 255
