"""Runs a dark frame on the emulated board, the emulator and the float network, and compares them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embedded.budget.boards import BOARDS, BoardLimits
from embedded.budget.estimate import Estimate
from embedded.camera.ov7675 import Camera
from embedded.cortexm.program import Program
from embedded.cortexm.run_model import BoardAnswer, OnBoard
from embedded.emulator import Emulator
from model.images.camera_formats import to_frame
from model.inference.tiling import enhance
from model.mirnet import MIRNet
from model.quality.metrics import psnr

__all__ = ["BoardRun", "run_on_board"]


@dataclass(frozen=True, eq=False)
class BoardRun:
    """Result of a run; all pictures are of 120 x 160 pixels.

    Attributes:
        board: The board whose limits count.
        digest: The beginning of the model's SHA-256.
        program: What was built for it.
        before: (120, 160, 3) uint8, the picture in the camera's bytes.
        answer: What the board made of it.
        emulated: (120, 160, 3) uint8, what the emulator made of it.
        floating: (120, 160, 3) float32 within [0, 1], what the float network made of it.
        reference: (120, 160, 3) uint8, the scene in good light; None if it is not known.
    """

    board: BoardLimits
    digest: str
    program: Program
    before: np.ndarray
    answer: BoardAnswer
    emulated: np.ndarray
    floating: np.ndarray
    reference: np.ndarray | None

    @property
    def differing(self) -> int:
        """Bytes in which board and emulator differ: 0, or one of the two is wrong."""
        return int((self.answer.picture != self.emulated).sum())

    @property
    def difference(self) -> np.ndarray:
        """The board's picture − the float network's, mean over the colours, in grey levels of 255: (120, 160)."""
        return (self.answer.picture - 255.0 * self.floating).mean(axis=-1)

    @property
    def near_float(self) -> float:
        """PSNR of the board's picture against the float network's, in decibels."""
        return psnr(self.answer.picture / 255, self.floating, data_range=1)

    @property
    def scores(self) -> dict[str, float]:
        """PSNR against the scene in good light, in decibels, by whose picture; empty if that is not known."""
        if self.reference is None:
            return {}
        pictures = {"before": self.before / 255, "board": self.answer.picture / 255, "float": self.floating}
        return {name: psnr(each, self.reference / 255, data_range=1) for name, each in pictures.items()}

    @property
    def ram(self) -> int:
        """Bytes of RAM: variables, the camera's frame among them, and the stack at its peak."""
        return self.program.ram_bytes + self.answer.run.peak_stack

    @property
    def each(self) -> float:
        """Instructions per multiply-accumulate, over all operators and the pixels' conversion."""
        return self.answer.instructions / self.answer.macs if self.answer.macs else math.nan

    def seconds(self, cycles: Estimate) -> Estimate:
        """How long so many cycles take on the board."""
        return cycles / self.board.clock_hz.value

    @property
    def problems(self) -> list[str]:
        """What is not as it should be; empty if board and emulator agree and everything is within the targets."""
        found = []
        if self.differing:
            found.append(f"{self.differing:,} of {self.emulated.size:,} bytes are not the emulator's")
        for name, needed, limit in (
            ("RAM", self.ram, self.board.ram),
            ("flash", self.program.flash_bytes, self.board.flash),
        ):
            if needed > limit.value:
                found.append(f"{name}: {needed:,} B, and the limit is {limit.value:,.0f} B ({limit.source})")
        return found


def run_on_board(
    emulator: Emulator,
    net: MIRNet,
    photo: np.ndarray,
    show: Callable[[str, int, int], None],
    compiler: str = "",
    bright: np.ndarray | None = None,
) -> BoardRun:
    """Builds a model for the board, runs a photo on it, and compares.

    Args:
        emulator: Of the model.
        net: The float network that it was made from.
        photo: (height, width, 3) uint8, of any size: the scene before the board's camera.
        show: Called with what is done, its steps so far and in all.
        compiler: As in `embedded.cortexm.toolchain.find_compiler`.
        bright: The same scene in good light, of the same size, if there is one.

    Raises:
        MirnetError: If the model cannot be built or does not fit, or something that it needs is missing.
    """
    frame = Camera().capture(photo)
    show("build", 0, 1)
    onboard = OnBoard(emulator.model, compiler)
    show("build", 1, 1)
    count = len(onboard.steps)
    answer = onboard.restore(frame, tell=lambda step: show("run on the board", min(step, count), count))
    before = Camera().picture(frame)
    show("compare", 0, 2)
    emulated = emulator.restore(frame)
    show("compare", 1, 2)
    floating = enhance(net, (before / 255).astype("float32"))
    show("compare", 2, 2)
    reference = None if bright is None else to_frame(bright)
    board = BOARDS["nano33ble"]
    return BoardRun(board, onboard.digest, onboard.program, before, answer, emulated, floating, reference)
