"""Draws the figure of a component by name: pads the photo, runs the network, draws the cached activations."""

import numpy as np

from explain.figures import FIGURES, LIGHT, Sheet, Theme, draw_channels, draw_tensor
from explain.tracing.padding import padded
from explain.tracing.sites import Target, find, hooks_for
from explain.tracing.trace import run_with_cache
from model.errors import MirnetError
from model.mirnet import MIRNet

__all__ = ["draw"]


def draw(
    net: MIRNet,
    photo: np.ndarray,
    name: str,
    *,
    channel: int | None = None,
    all_channels: bool = False,
    reference: np.ndarray | None = None,
    theme: Theme = LIGHT,
    width: float = 10.0,
) -> Sheet:
    """Draws a component or hook point of a network on a photo.

    Args:
        net: The network.
        photo: (height, width, 3), uint8 or floating point within [0, 1], any size; time and memory grow with it.
        name: A kind of component (`skff`), a call site (`rrg_1/mrb_1/merge/skff`) or a hook name (`residual`).
        channel: The channel to show, from 0; None for the activity of all.
        all_channels: Draw all channels of the hook point `name` side by side.
        reference: For the figure of the whole network: the photo in good light, of the same size and kind.
        theme: Colours.
        width: In inches; the height follows.

    Returns:
        A matplotlib figure with a `caption`.

    Raises:
        HookError: If there is nothing of that name, with the nearest names.
        MirnetError: If channel, reference or photo do not fit.
    """
    target = find(net.hook_names, name)
    _check(target, name, channel, all_channels, reference)
    multiple = net.config.multiple
    known = net.hook_names
    names = [target.site] if target.kind is None else hooks_for(known, target.kind, target.site)
    _, cache = run_with_cache(net, padded(photo, multiple), names=names)
    if target.kind is None:
        if all_channels:
            return draw_channels(cache, target.site, theme=theme, width=width)
        return draw_tensor(cache, target.site, channel=channel, theme=theme, width=width)
    options = {} if reference is None else {"reference": padded(reference, multiple)}
    return FIGURES[target.kind](cache, target.site, channel=channel, theme=theme, width=width, **options)


def _check(target: Target, name: str, channel: int | None, all_channels: bool, reference) -> None:
    if reference is not None and target.kind != "mirnet":
        raise MirnetError(f"a reference is for the figure of the whole network, mirnet, not for {name}")
    if all_channels and target.kind is not None:
        raise MirnetError(f"all channels can be drawn of one tensor, such as {target.site or 'shallow'}, not of {name}")
    if all_channels and channel is not None:
        raise MirnetError("choose one channel or all of them, not both")
