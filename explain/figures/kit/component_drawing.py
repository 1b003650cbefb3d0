"""Draws the content of a component's figure with matplotlib."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from explain.figures.kit.blocks import Content, FigureRow, Lattice
from explain.figures.kit.lattice import NARROWEST, draw_lattice
from explain.figures.kit.sheet import Sheet
from explain.figures.kit.themes import LIGHT, Theme

__all__ = ["Drawing"]


class Drawing:
    """A component's figure: `content` says what it shows, and calling it draws that with matplotlib.

    Args:
        content: From a cache, a call site and options to what the figure shows.
    """

    def __init__(self, content: Callable[..., Content]):
        self.content = content
        self.__doc__ = f"{content.__doc__}\n\nCalled as `explain.figures.kit.component_drawing.Drawing` says."

    def __call__(
        self,
        cache: Mapping[str, np.ndarray],
        site: str = "",
        *,
        channel: int | None = None,
        theme: Theme = LIGHT,
        width: float = 10.0,
        **options: Any,
    ) -> Sheet:
        """Draws the figure.

        Args:
            cache: From `run_with_cache`.
            site: Call site of the component, such as `rrg_1/mrb_1`; empty for one run alone, and for a whole network.
            channel: The channel to show, from 0; None for the activity of all.
            theme: Colours.
            width: In inches; the height follows.
            **options: What only some figures have: see their own `content`.

        Raises:
            HookError: If the cache lacks a tensor of this site.
            MirnetError: If there is no such channel, or an option does not fit.
        """
        shown = self.content(cache, site, channel=channel, **options)
        if any(isinstance(part, Lattice) for part in shown.parts):
            width = max(width, NARROWEST)
        sheet = Sheet(theme, width, shown.title, shown.subtitle)
        for part in shown.parts:
            if isinstance(part, FigureRow):
                sheet.row(*part.blocks, columns=part.columns)
            elif isinstance(part, Lattice):
                draw_lattice(sheet, part)
            else:
                sheet.section(part)
        return sheet.finish(shown.caption)
