"""The effective receptive field: how much each pixel of the photo matters to one pixel of the network.

It is the gradient of that pixel with respect to the photo, the magnitudes of the three colours added up. Channel
gates and SKFF's weights change with the photo too, which is how the global paths show; held at their values, only what
comes through the theoretical field is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from keras import ops

from explain.analysis.receptive.theoretical import Field, field_of, is_global, stages
from explain.tracing.gradients import Progress, gradients
from explain.tracing.padding import padded
from model.errors import MirnetError
from model.hooks import visiting
from model.images.arrays import as_float
from model.mirnet import MIRNet

__all__ = ["Seen", "look"]

TINY = 1e-12  # under the root: its slope at 0 is infinite


@dataclass(frozen=True)
class Seen:
    """What one pixel of a hook point's tensor sees of a photo.

    Attributes:
        field: The theoretical field.
        gradient: (height, width) of the photo, mirrored up to the network's multiple: how much the
            tensor's pixel changes with each pixel of the photo, at least 0.
        row: Middle of the tensor's pixel in the photo; between two rows where it lies over an even number of them.
        column: Likewise.
    """

    field: Field
    gradient: np.ndarray
    row: float
    column: float

    @property
    def share_inside(self) -> float:
        """The share of the gradient inside the theoretical field, from 0 to 1; the rest came by the global paths."""
        inside = self.gradient[self.field.within(*self.gradient.shape)]
        return float(inside.sum(dtype="float64") / self._total)

    def radius(self, share: float) -> float:
        """Within how many pixels around the middle this share of the gradient lies.

        Args:
            share: Above 0 and at most 1.
        """
        rows, columns = (np.arange(side, dtype="float64") for side in self.gradient.shape)
        away = np.hypot((rows - self.row)[:, None], (columns - self.column)[None]).ravel()
        order = np.argsort(away, kind="stable")
        held = np.cumsum(self.gradient.ravel()[order], dtype="float64")
        return float(away[order][np.searchsorted(held, share * held[-1] * (1 - TINY))])

    @property
    def _total(self) -> float:
        return float(self.gradient.sum(dtype="float64"))


def look(
    net: MIRNet,
    photo: np.ndarray,
    row: int,
    column: int,
    names: Sequence[str] | None = None,
    *,
    hold_global: bool = False,
    progress: Progress | None = None,
) -> list[Seen]:
    """What the pixel over one pixel of the photo sees, at several stages of the network.

    Of a feature map it is the pixel's activity (root mean square over its channels) whose gradient is taken, of the
    output its brightness (mean over the colours). All intermediates are kept for the backward pass: memory grows with
    the photo, for `desk` by some 30 KB a pixel.

    Args:
        net: The network; it is the same afterwards.
        photo: (height, width, 3), uint8 or floating point within [0, 1].
        row: In the photo, from 0.
        column: Likewise.
        names: Hook points with height and width; by default those of `stages`.
        hold_global: Whether channel gates and SKFF's weights are taken as fixed numbers, so that no gradient comes by
            the global paths.
        progress: Called with (hook points done, hook points in all).

    Returns:
        For each hook point its theoretical field, and how much its pixel changes with each pixel of the photo.

    Raises:
        HookError: If there is no such hook point.
        MirnetError: If the photo has no such pixel, a hook point no height and width, a tensor does not depend on the
            photo there, or the Keras backend gives no gradients.
    """
    pixels = as_float(photo, "photo")
    height, width = pixels.shape[:2]
    if not (0 <= row < height and 0 <= column < width):
        raise MirnetError(f"the photo has rows 0 to {height - 1} and columns 0 to {width - 1}, not {row}, {column}")
    names = [stage.name for stage in stages(net.config)] if names is None else list(names)
    fields = [field_of(net.config, name, row, column) for name in names]
    image = padded(pixels, net.config.multiple)[None]
    found = gradients(lambda given: _strengths(net, given, fields, (row, column), hold_global), image, progress)
    return [_seen(field, gradient[0], row, column) for field, gradient in zip(fields, found, strict=True)]


def _strengths(net: MIRNet, image, fields: Sequence[Field], pixel: tuple[int, int], hold_global: bool) -> list:
    """One number for each field: how strong its pixel is."""
    wanted = {field.name: field.scale for field in fields}
    strengths = {}

    def visit(name, tensor):
        if hold_global and is_global(name):
            tensor = ops.stop_gradient(tensor)
        if name in wanted:
            row, column = (at // wanted[name] for at in pixel)
            values = tensor[0, row, column]  # (channels,)
            plain = name in ("input", "output", "residual")
            strengths[name] = ops.mean(values) if plain else ops.sqrt(ops.mean(ops.square(values)) + TINY)
        return tensor

    with visiting(visit):
        net(image)
    return [strengths[field.name] for field in fields]


def _seen(field: Field, gradient: np.ndarray, row: int, column: int) -> Seen:
    magnitude = np.abs(gradient).sum(axis=-1)
    if not np.isfinite(magnitude).all() or not magnitude.any():
        raise MirnetError(f"{field.words} does not change with the photo at {row}, {column}: choose another pixel")
    middle = (field.scale - 1) / 2
    row, column = (at // field.scale * field.scale for at in (row, column))
    return Seen(field, magnitude, row + middle, column + middle)
