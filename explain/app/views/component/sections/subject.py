"""What the sections of the components' pages share: the component's tensors, the channel and the pixel looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from explain.app.catalog.choices import channels, detail_site, site
from explain.app.compute.runner import hook_names, page_names, tensors
from explain.app.compute.values_at import default_channel, liveliest, place_in
from explain.app.url.session import Context, change, context
from explain.app.widgets.colour_maps import gallery
from explain.app.widgets.pixel_choice import move_pixel
from explain.app.widgets.pointing import pointer
from explain.figures.kit.feature_maps import Tensors

__all__ = ["Looking", "choose_channel", "looking", "maps"]


@dataclass(frozen=True)
class Looking:
    """One component at work on the photo, and where to look.

    Attributes:
        here: This run's context.
        at: Its tensors, by their names below its call site.
        channels: How many channels it has.
        channel: The one to look at: the chosen one, or the one in which most happens.
        pixel: (row, column) in the photo: the chosen one, or one on an edge.
    """

    here: Context
    at: Tensors
    channels: int
    channel: int
    pixel: tuple[int, int]

    def number(self, name: str) -> float:
        """The value of a tensor under the pixel, in the channel, as far as the tensor has positions and channels."""
        values = self.at[name][0]
        index = 0 if values.shape[-1] == 1 else self.channel
        return float(values[(*place_in(values, self.pixel, self.here.photo.size), index)])

    def channel_map(self, name: str) -> np.ndarray:
        """The channel (height, width) of a tensor."""
        return self.at[name][0, :, :, self.channel]

    @property
    def place(self) -> str:
        """The pixel as text."""
        return "pixel ({}, {})".format(*self.pixel)


def looking(here: Context) -> Looking:
    """The component of this page; its figure has asked for the same tensors, so they are in memory."""
    kind, choice = str(here.kind), here.view.choice
    cache = tensors(here.setup, here.photo, page_names(hook_names(here.setup), kind, site(kind, choice)))
    count = channels(kind, here.config, choice)
    at = Tensors(cache, detail_site(kind, choice))
    return Looking(here, at, count, _channel(here, at, count), here.pixel)


def _channel(here: Context, at: Tensors, count: int) -> int:
    """The chosen channel; else the one of the result whose values differ most, or the first, see `VERSION`."""
    if here.view.channel is not None or not here.view.lively:
        return default_channel(here.view.channel, count)
    return liveliest(at["out" if "out" in at else "shallow"][..., :count])


def maps(found: Looking, spots: Sequence[str], label: str, key: str, narrowest: str = "8.5rem") -> None:
    """Pictures from `pointing.spot` in a row, with the pixel marked; a click moves it."""
    pointer(gallery(spots, narrowest, "22rem"), label, found.here.photo.size, found.pixel, key, move_pixel)


def choose_channel(channel: int) -> None:
    """Writes the channel to the address."""
    change(replace(context().view, channel=channel))
