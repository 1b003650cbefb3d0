"""Pictures in a terminal: two pixels a character, one above the other, as the upper half of a block on a background.

    console.print(side_by_side([("before", dark), ("after", restored)], columns=80))

It is coarse, 30 rows of pixels for a photo that is half of 80 columns wide, and it needs nothing but colours.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from rich.color import Color
from rich.style import Style
from rich.text import Text

__all__ = ["side_by_side"]

UPPER_HALF = "\N{UPPER HALF BLOCK}"
GAP = "  "


def side_by_side(pictures: Sequence[tuple[str, np.ndarray]], columns: int) -> Text:
    """Pictures beside each other, each below its title.

    Args:
        pictures: Titles, and (height, width, 3) uint8 of one size.
        columns: Width of all of them together, in characters; each gets one at least.

    Returns:
        Text for a console of rich, which chooses the nearest colours that the terminal has.
    """
    wide = max(1, (columns - len(GAP) * (len(pictures) - 1)) // len(pictures))
    height, width = pictures[0][1].shape[:2]
    high = max(1, round(wide * height / width / 2))  # characters: each is as high as two pixels
    small = [_shrunk(picture, wide, 2 * high) for _, picture in pictures]
    text = Text(no_wrap=True)
    text.append(GAP.join(f"{title[:wide]:<{wide}}" for title, _ in pictures), style="bold")
    for y in range(0, 2 * high, 2):
        text.append("\n")
        for k, picture in enumerate(small):
            text.append(GAP if k else "")
            for upper, lower in zip(picture[y].tolist(), picture[y + 1].tolist(), strict=True):
                text.append(UPPER_HALF, Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
    return text


def _shrunk(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Averaged over areas, since that shows what is there, noise too."""
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BOX))
