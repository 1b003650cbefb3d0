"""A photo before and after the board."""

import numpy as np

from explain.figures.kit.sheet import Picture, PictureGroup, Sheet
from explain.figures.kit.themes import LIGHT, Theme

__all__ = ["draw_shot"]

WIDTH = 7.6  # inches: two pictures of 160 x 120, each pixel a square of some three


def draw_shot(
    before: np.ndarray, after: np.ndarray, theme: Theme = LIGHT, title: str = "", subtitle: str = ""
) -> Sheet:
    """Draws two pictures side by side.

    Args:
        before: The camera's frame as a picture, (120, 160, 3) uint8.
        after: What the board's network made of it, of the same shape.
        theme: Colours.
        title: First line.
        subtitle: Second line: which board, how long it took.
    """
    # A file may be called anything; two dollar signs would make a formula of what is between them.
    titles = (text.replace("$", r"\$") for text in (title or "A photo on the board", subtitle))
    sheet = Sheet(theme, WIDTH, *titles)
    pictures = [
        Picture(before / 255, "before: the frame", f"mean level {before.mean():.0f} of 255"),
        Picture(after / 255, "after: what the network made of it", f"mean level {after.mean():.0f} of 255"),
    ]
    sheet.row(PictureGroup(pictures), columns=2)
    return sheet.finish(
        f"The network raised the mean level from {before.mean():.0f} to {after.mean():.0f} of 255."
        if after.mean() > before.mean()
        else f"The mean level was {before.mean():.0f} of 255 and is {after.mean():.0f} now."
    )
