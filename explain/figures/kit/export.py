"""Figures as files: PNG, SVG and PDF, whole or not at all, and the same bytes for the same figure."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from model.errors import ImageError
from model.safety.whole_files import check_output, write_whole

__all__ = ["FORMATS", "check_target", "figure_bytes", "save_figure"]

# No date in the file: the same figure is the same bytes.
FORMATS: dict[str, dict] = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def figure_bytes(figure: Figure, kind: str = "png", dpi: float | None = None) -> bytes:
    """A figure as the content of a file.

    Args:
        figure: From one of the `draw_...` functions.
        kind: `png`, `svg` or `pdf`.
        dpi: Pixels per inch of a PNG; by default the figure's own, 128, which makes it 1280 pixels wide.

    Raises:
        ImageError: If there is no such kind.
    """
    if kind not in FORMATS:
        raise ImageError(f"kind must be one of {', '.join(FORMATS)}, not {kind!r}")
    title = {} if kind == "svg" else {"Title": getattr(figure, "title", "MIRNet")}
    content = BytesIO()
    # A page waits for this: level 1 takes a quarter of the time of the usual 6, for files a fifth larger.
    options: dict[str, Any] = {"pil_kwargs": {"compress_level": 1}} if kind == "png" else {}
    figure.savefig(content, format=kind, dpi=dpi or figure.dpi, metadata=FORMATS[kind] | title, **options)
    return content.getvalue()


def check_target(path: str | os.PathLike[str]) -> str:
    """The kind of file that a path's suffix asks for.

    Raises:
        ImageError: If it is none that we write, or its folder is missing, or it is a folder itself.
    """
    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ImageError(f"{target}: cannot write the format {target.suffix!r}; end it in .png, .svg or .pdf")
    check_output(path, error_kind=ImageError)
    return kind


def save_figure(figure: Figure, path: str | os.PathLike[str], dpi: float | None = None) -> None:
    """Writes a figure, whole or not at all: first under another name in the same folder, then renamed.

    Args:
        figure: From one of the `draw_...` functions.
        path: Where to; the suffix .png, .svg or .pdf chooses the format. Replaces an existing file.
        dpi: Pixels per inch of a PNG; by default the figure's own.

    Raises:
        ImageError: If the suffix is unknown, or the file cannot be written.
    """
    kind = check_target(path)
    write_whole(check_output(path, error_kind=ImageError), figure_bytes(figure, kind, dpi), ImageError)
