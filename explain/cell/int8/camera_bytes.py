"""Pre- and post-processing around the graph: from the camera's bytes to its input, from its output to the picture.

Names of these tensors: `camera`, the bytes Y U Y V (120, 160, 2); `picture` (120, 160, 3); `restored` (120, 160, 3).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embedded.camera.pixel_tables import SHIFT, PixelTables
from explain.cell.int8.requantization import LEAST, MOST
from explain.cell.operands import Arithmetic, CellRef, Operand, Place, Reader, Step, TensorName
from explain.cell.rules.copies import SpaceToDepth
from model.images.camera_formats import B_OF_U, G_OF_U, G_OF_V, R_OF_V, yuv422_to_rgb

__all__ = ["CAMERA", "PICTURE", "RESTORED", "Pixels", "given"]

CAMERA, PICTURE, RESTORED = "camera", "picture", "restored"
COLOURS = ("red", "green", "blue")
U_AND_V = ((0, R_OF_V), (G_OF_U, G_OF_V), (B_OF_U, 0))  # of each colour, in 1/65536
GREY = 128  # of U and V: no colour
LEVELS = 255


@dataclass(frozen=True, eq=False)
class Pixels:
    """A frame, and what becomes of its bytes around the graph.

    Attributes:
        tables: The model's.
        frame: The camera's YUV 4:2:2 bytes (120, 160, 2), or the picture in them (120, 160, 3); uint8.
        output: What the graph gave for it.
    """

    tables: PixelTables
    frame: np.ndarray
    output: np.ndarray

    @property
    def from_camera(self) -> bool:
        """Whether the frame is the camera's bytes."""
        return self.frame.shape[-1] == 2

    @cached_property
    def tensors(self) -> dict[TensorName, np.ndarray]:
        """The values, by name."""
        picture = yuv422_to_rgb(self.frame) if self.from_camera else self.frame
        found: dict[TensorName, np.ndarray] = {PICTURE: picture, RESTORED: self.tables.unfold(picture, self.output)}
        return found | ({CAMERA: self.frame} if self.from_camera else {})

    def explain(self, name: TensorName, read: Reader, place: Place) -> Arithmetic:
        """Explains a byte of one of these tensors."""
        if name == RESTORED:
            return self._restored(read, place)
        if name == PICTURE and self.from_camera:
            return self._picture(read, place)
        return given(read, name, place, "a byte of the frame" if name == PICTURE else "a byte of the camera")

    def network_input(self, read: Reader, place: Place) -> Arithmetic:
        """A value of the graph's input: a byte through the companding curve, as an int8."""
        source = self.tables.source
        before = SpaceToDepth(PICTURE, self.tables.stem)(read, place).operands[0]
        curve = float(self.tables.curve[int(before.value)])
        # As when the table was made: division in float32, halves round to even.
        steps = int(np.rint(np.float32(curve) / np.float32(source.scale)))
        result = min(max(steps + source.zero_point, LEAST), MOST)
        mu = self.tables.companding
        curved = r"\log(1 + \mu\, v / 255) \,/ \log(1 + \mu)" if mu else "v / 255"
        where = [("C", curved), (r"z_\text{out}", str(source.zero_point)), (r"s_\text{out}", f"{source.scale:.6g}")]
        if mu:
            where.append((r"\mu", f"{mu:g}"))
        return Arithmetic(
            kind="levels",
            how="function",
            rule="a byte of the picture, from its square, through the companding curve, rounded to an int8: a table "
            "of 256 entries",
            formula=r"\operatorname{clip}\big(z_\text{out} + \operatorname{round}(C / s_\text{out})\big)",
            operands=(before._replace(symbol="v"),),
            steps=(
                Step("after the curve", curve, symbol="C"),
                Step(f"in steps of {source.scale:.4g}, rounded", steps),
                Step("plus the zero point, saturated", result),
            ),
            result=result,
            where=tuple(where),
        )

    def _restored(self, read: Reader, place: Place) -> Arithmetic:
        """The byte after the curve, plus the residual, both in 1/65536 of a level."""
        row, column, colour = place
        stem, target = self.tables.stem, self.tables.target
        channel = 3 * (row % stem * stem + column % stem) + colour
        added = read.operand("q", target.index, (row // stem, column // stem, channel))
        added = added._replace(zero_point=target.zero_point, scale=target.scale)
        byte = read.operand("v", PICTURE, place)
        base = round(float(self.tables.curve[int(byte.value)]) * LEVELS * 2**SHIFT)
        residual = round(float(added.part * target.scale) * LEVELS * 2**SHIFT)
        sum_ = base + residual
        rounded = (sum_ + 2 ** (SHIFT - 1)) // 2**SHIFT
        result = min(max(rounded, 0), LEVELS)
        return Arithmetic(
            kind="restored",
            how="function",
            rule="a byte of the restored picture: the byte after the companding curve, plus the network's residual",
            formula=r"\operatorname{clip}\big(\operatorname{round}(255 \cdot (\text{curve}(v) + s\,(q - z)))\big)",
            operands=(byte, added),
            steps=(
                Step(f"the byte after the curve, in 2^-{SHIFT} of a level", base),
                Step(f"the residual, in 2^-{SHIFT} of a level", residual),
                Step("their sum", sum_),
                Step("rounded to levels", rounded),
                Step("saturated to [0, 255]", result),
            ),
            result=result,
            where=(("s", f"{target.scale:.6g}"), ("z", str(target.zero_point))),
        )

    def _picture(self, read: Reader, place: Place) -> Arithmetic:
        """Luma, plus what the colour of a pair of pixels adds."""
        row, column, colour = place
        pair = column - column % 2
        luma = read.operand("Y", CAMERA, (row, column, 0))
        chroma = [
            Operand(symbol, int(read.values(CAMERA)[at]), weight, CellRef(CAMERA, *at), GREY)
            for symbol, weight, at in zip("UV", U_AND_V[colour], ((row, pair, 1), (row, pair + 1, 1)), strict=True)
            if weight
        ]
        scaled = int(sum(operand.part for operand in chroma))
        added = (scaled + 2**15) // 2**16
        result = min(max(int(luma.value) + added, 0), LEVELS)
        return Arithmetic(
            kind="colour",
            how="function",
            rule=f"{COLOURS[colour]}: the pixel's luma, and what the colour of two neighbours adds (ITU-R BT.601)",
            formula=r"\operatorname{clip}\big(Y + \operatorname{round}(2^{-16} \textstyle\sum w\,(q - 128))\big)",
            operands=(luma, *chroma),
            steps=(
                Step("the colour, in 2^-16 of a level", scaled),
                Step("rounded to levels", added),
                Step("added to the luma, saturated to [0, 255]", result),
            ),
            result=result,
        )


def given(read: Reader, name: TensorName, place: Place, label: str) -> Arithmetic:
    """The end of the chain: a value that nothing computes."""
    return Arithmetic("given", "copy", f"{label}: nothing is computed", "v", (), (), read.values(name)[place].item())
