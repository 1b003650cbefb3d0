"""Receptive fields, drawn: theoretical as squares around a photo, effective as a heat map, and the numbers."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from explain.analysis.receptive import Field, Seen
from explain.figures.kit.feature_maps import Scale, luminance, stretched
from explain.figures.kit.sheet import Picture, PictureGroup, Sheet
from explain.figures.kit.themes import LIGHT, SIZES, Theme

__all__ = ["SHARES", "draw_receptive", "headings", "numbers"]

WIDTH = 12.0  # inches
DECADES = 5  # of the heat map; what is fainter has its last colour
SHARES = (0.5, 0.9, 0.99)
LINES = ("-", (0, (5, 3)), (0, (1, 2)))  # of the circles: one for each share
CIRCLES = "circles hold 50 % (solid), 90 % (dashed), 99 % (dotted)"
COLUMNS = (0.0, 4.0, 5.5, 6.9, 8.3, 9.7, 11.3)  # inches: where the columns of the table end, but the first
MARK = "+"


def draw_receptive(
    photo: np.ndarray, seen: Sequence[Seen], shown: Seen, held: Seen, theme: Theme = LIGHT, title: str = ""
) -> Sheet:
    """Draws the receptive fields of one pixel.

    Args:
        photo: (height, width, 3), uint8 or floating point within [0, 1].
        seen: What the pixel sees at the stages of the network, from `explain.analysis.receptive.look`.
        shown: The one whose effective field is drawn.
        held: The same with the global paths held.
        theme: Colours.
        title: First line.
    """
    height, width = shown.gradient.shape
    at = f"around row {shown.row:g}, column {shown.column:g} of a photo of {height} × {width} pixels"
    sheet = Sheet(theme, WIDTH, title or "What one pixel sees", at)
    boxed = _boxed([one.field for one in seen])
    colours = dict(zip((field.name for field in boxed), _colours(theme, len(boxed)), strict=True))
    view, origin = _around(_grey(photo), boxed, theme)
    scale = Scale(-DECADES, 0, "activity", "power of ten; 0 is the strongest pixel")
    sheet.row(
        PictureGroup([Picture(view, "theoretical fields", "one square a stage; colours as in the table")]),
        PictureGroup(
            [
                Picture(_heat(shown), f"effective field: {shown.field.words}", CIRCLES),
                Picture(_heat(held), "the same, global paths held", "channel gates and SKFF weights fixed"),
            ],
            scale,
        ),
        columns=3,
    )
    boxes, live, local = (axes for axes in sheet.axes if axes.get_label() != "colour bar")
    _draw_boxes(boxes, boxed, colours, origin)
    boxes.plot(shown.column - origin[1], shown.row - origin[0], MARK, color=theme.accent, markersize=7)
    for axes, one in ((live, shown), (local, held)):
        _draw_circles(axes, one)
    _table(sheet, seen, colours)
    return sheet.finish(_caption(shown, held))


def headings() -> tuple[str, ...]:
    """Of the columns of `numbers`."""
    return ("stage", "theoretical field", "of the photo", *(f"{share:.0%} within" for share in SHARES), "inside")


def numbers(one: Seen) -> tuple[str, ...]:
    """A row of the table: name, field, its share of the photo, three radii, and the share of the gradient inside."""
    rows, columns = one.field.size
    radii = (f"{one.radius(share):.1f} px" for share in SHARES)
    covers = f"{one.field.share_of(*one.gradient.shape):.1%}"
    return (one.field.words, f"{rows} × {columns}", covers, *radii, f"{one.share_inside:.2%}")


def _boxed(fields: Sequence[Field]) -> list[Field]:
    """The first convolution, each block by its lowest stream, and the output: others are nearly as large as these."""
    by_block = {field.name.rpartition("/column_")[0]: field for field in fields if "/column_" in field.name}
    blocks = {field.name for field in by_block.values()}
    chosen = [field for field in fields if field.name in blocks or "/" not in field.name]
    return chosen or list(fields)


def _around(grey: np.ndarray, fields: Sequence[Field], theme: Theme) -> tuple[np.ndarray, tuple[int, int]]:
    """The photo with as much room around it as the fields take, and the row and column of its upper left corner."""
    height, width = grey.shape
    top, left = min(0, *(field.top for field in fields)), min(0, *(field.left for field in fields))
    bottom, right = max(height, *(field.bottom for field in fields)), max(width, *(field.right for field in fields))
    view = np.empty((bottom - top, right - left, 3), "float32")
    view[:] = mpl.colors.to_rgb(theme.background)
    view[-top : height - top, -left : width - left] = grey[..., None]
    return view, (top, left)


def _draw_boxes(axes: Axes, fields: Sequence[Field], colours: dict[str, str], origin: tuple[int, int]) -> None:
    for field in fields:
        corner = field.left - origin[1] - 0.5, field.top - origin[0] - 0.5  # of a pixel, whose middle has its number
        rows, columns = field.size
        axes.add_patch(
            Rectangle(corner, columns, rows, fill=False, edgecolor=colours[field.name], linewidth=1.6, clip_on=False)
        )


def _draw_circles(axes: Axes, one: Seen) -> None:
    for share, line in zip(SHARES, LINES, strict=True):
        axes.add_patch(
            Circle((one.column, one.row), one.radius(share), fill=False, edgecolor="white", linestyle=line, linewidth=1)
        )


def _heat(one: Seen) -> np.ndarray:
    """(height, width) within [-DECADES, 0]: the gradient as a power of ten of its largest."""
    share = one.gradient / one.gradient.max()
    return np.log10(np.maximum(share, 10.0**-DECADES))


def _table(sheet: Sheet, seen: Sequence[Seen], colours: dict[str, str]) -> None:
    theme = sheet.theme
    sheet.section("In numbers: pixels of the photo")
    for column, text in enumerate(headings()):
        _cell(sheet, column, text, theme.muted)
    sheet.cursor += SIZES.line * 1.3
    for one in seen:
        colour = colours.get(one.field.name)
        if colour is not None:
            swatch = sheet.place(SIZES.margin, sheet.cursor, 0.12, 0.11, label="colour bar", xticks=[], yticks=[])
            swatch.set_facecolor(colour)
        for column, text in enumerate(numbers(one)):
            _cell(sheet, column, text, theme.text)
        sheet.cursor += SIZES.line * 1.15


def _cell(sheet: Sheet, column: int, text: str, colour: str) -> None:
    left = SIZES.margin + (0.22 if column == 0 else COLUMNS[column])
    sheet.write(left, sheet.cursor, text, SIZES.small, colour, ha="left" if column == 0 else "right")


def _colours(theme: Theme, count: int) -> list[str]:
    """One for each box, along a map that colour-blind people can read, without what its background swallows."""
    low, high = (0.0, 0.8) if theme.name == "light" else (0.25, 1.0)
    return [mpl.colors.to_hex(mpl.colormaps["viridis"](share)) for share in np.linspace(low, high, count)]


def _grey(photo: np.ndarray) -> np.ndarray:
    pixels = photo / np.float32(255) if photo.dtype == np.uint8 else photo
    return stretched(luminance(pixels))


def _caption(shown: Seen, held: Seen) -> str:
    rows, columns = shown.field.size
    near, most = shown.radius(SHARES[0]), shown.radius(SHARES[1])
    text = f"""By its kernels alone, {shown.field.words} has a theoretical field of {rows} × {columns} pixels; half of
        what matters lies within {near:.1f} pixels, 90 % within {most:.1f}. With the global paths held it is 90 % within
        {held.radius(SHARES[1]):.1f}: compare the two heat maps."""
    if shown.field.hears_all:
        text += """ Channel attention and SKFF average over the whole picture, so that every pixel matters a little:
            what they carry is the difference between the two."""
    if shown.share_inside < 1:
        text += f" {1 - shown.share_inside:.2%} of what matters lies outside the theoretical field."
    return text
