"""Look-up tables from pixels to the network's int8 input, and from its int8 output to pixels: three of 256 entries.

```
byte v of the frame ──levels──▶ int8 ── network ──▶ int8 q ──residual──▶ + ──▶ (sum + half) >> 16 ─▶ clip ─▶ byte
        └────────────────────────base──────────────────────────────────────▲
```

A network adds its residual to the companded picture (`model.images.companding`). A byte has 256 values and so has an
int8, so every step up to the sum is a look-up; the sum is in integers of 1/65536 of a grey level. C on the board, with
the same tables, gives the same bytes, without floating point.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embedded.tflite.graph import Tensor
from model.config import MIRNetConfig
from model.errors import ImageError, MirnetError
from model.images.camera_formats import COLUMNS, ROWS, depth_to_space, space_to_depth

__all__ = ["SHIFT", "PixelTables", "curve", "network_input"]

SHIFT = 16
HALF = 1 << (SHIFT - 1)
LEVELS = np.arange(256)


def curve(companding: float) -> np.ndarray:
    """The companding curve with μ (0 for none) for each byte: (256,) float64 within [0, 1]."""
    values = LEVELS / 255
    return np.log1p(companding * values) / np.log1p(companding) if companding else values


def network_input(picture: np.ndarray, config: MIRNetConfig) -> np.ndarray:
    """Input of the board's float graph for a picture: companded, then space-to-depth.

    Args:
        picture: (120, 160, 3) uint8.
        config: The network: its companding and its stem.

    Returns:
        (1, 120 / stem, 160 / stem, 3 stem²) float32 within [0, 1].
    """
    values = curve(config.companding).astype(np.float32)
    return space_to_depth(values[_frame(picture)], config.stem)[None]


@dataclass(frozen=True, eq=False)
class PixelTables:
    """The tables of one model.

    Attributes:
        source: The network's input, (1, 120 / stem, 160 / stem, 3 stem²) int8.
        target: Its output, of the same shape.
        companding: μ of the curve before the network; 0 for none.
        stem: Side of the squares of pixels that space-to-depth puts into channels.
        size: Rows and columns of a frame; by default those of the board's camera.
    """

    source: Tensor
    target: Tensor
    companding: float
    stem: int
    size: tuple[int, int] = (ROWS, COLUMNS)

    def __post_init__(self):
        rows, columns = self.size
        shape = (1, rows // self.stem, columns // self.stem, 3 * self.stem**2)
        for name, tensor in (("input", self.source), ("output", self.target)):
            if tensor.shape != shape or tensor.dtype != np.int8:
                raise MirnetError(
                    f"the model's {name} must be int8 of shape {shape}, for frames of {rows} x {columns} and a stem "
                    f"of {self.stem}, not {tensor.dtype} of {tensor.shape}"
                )

    @cached_property
    def curve(self) -> np.ndarray:
        """The companding curve for each byte: (256,) float64 within [0, 1]."""
        return curve(self.companding)

    @cached_property
    def levels(self) -> np.ndarray:
        """The network's input for each byte: (256,) int8."""
        return self.source.quantize(self.curve)

    @cached_property
    def base(self) -> np.ndarray:
        """The companded byte, to which the residual is added: (256,) int32, in 1/65536 grey levels."""
        return np.rint(self.curve * 255 * (1 << SHIFT)).astype(np.int32)

    @cached_property
    def residual(self) -> np.ndarray:
        """The residual for each output of the network from -128 to 127: (256,) int32, in 1/65536 grey levels."""
        values = (LEVELS - 128 - self.target.zero_point) * float(self.target.scale)
        return np.rint(values * 255 * (1 << SHIFT)).astype(np.int32)

    def fold(self, picture: np.ndarray) -> np.ndarray:
        """The network's input for a picture: companded, quantized, space-to-depth.

        Args:
            picture: (120, 160, 3) uint8.

        Returns:
            (1, 120 / stem, 160 / stem, 3 stem²) int8.

        Raises:
            ImageError: If it is no such picture.
        """
        return space_to_depth(self.levels[_frame(picture, self.size)], self.stem)[None]

    def unfold(self, picture: np.ndarray, residual: np.ndarray) -> np.ndarray:
        """The restored picture: depth-to-space of the residual, added to the picture.

        Args:
            picture: (120, 160, 3) uint8, the one that the residual was computed for.
            residual: The network's output, (1, 120 / stem, 160 / stem, 3 stem²) int8.

        Returns:
            (120, 160, 3) uint8.
        """
        added = depth_to_space(residual[0], self.stem).astype(np.int16) + 128
        return np.clip((self.base[_frame(picture, self.size)] + self.residual[added] + HALF) >> SHIFT, 0, 255).astype(
            np.uint8
        )


def _frame(picture: np.ndarray, size: tuple[int, int] = (ROWS, COLUMNS)) -> np.ndarray:
    pixels = np.asarray(picture)
    if pixels.dtype != np.uint8 or pixels.shape != (*size, 3):
        raise ImageError(
            f"a frame is uint8 of shape {(*size, 3)}, not {pixels.dtype} of {pixels.shape}: "
            "model.images.camera_formats.to_frame makes one of any picture"
        )
    return pixels
