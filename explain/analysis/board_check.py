"""Compares a board with the emulator, frame by frame and byte by byte, and says what a difference may mean."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from embedded.emulator import Emulator
from embedded.link.client import Board
from embedded.link.payloads import Info, MemoryReport
from embedded.link.replies import Timings
from explain.analysis.trial_frames import Trial, trials
from model.errors import MirnetError

__all__ = ["BoardVerdict", "FrameOutcome", "compare_with_emulator"]

EQUAL, DIFFERENT, UNREACHABLE = 0, 1, 2  # exit codes
GIVE_UP = 3  # frames that are lost one after the other
ROUNDING = 2  # levels: what another rounding makes of a picture

Show = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FrameOutcome:
    """What became of a frame.

    Attributes:
        name: What is on it.
        differing: Bytes of the picture that are not the emulator's; None if no picture came.
        largest: The largest difference, in levels.
        seconds: From the first byte sent to the last one received.
        error: Why no picture came.
    """

    name: str
    differing: int | None
    largest: int
    seconds: float
    error: str = ""

    @property
    def summary(self) -> str:
        """One line: lost, equal or how much differs, and the time."""
        if self.differing is None:
            return f"lost: {self.error}"
        said = f"{self.differing:,} bytes differ, by up to {self.largest}" if self.differing else "equal"
        return f"{said}; {self.seconds:.2f} s"


@dataclass(frozen=True)
class BoardVerdict:
    """Result of a comparison.

    Attributes:
        outcomes: Of all frames that were sent.
        asked: How many frames there were to send.
        timings: Of the last frame; None if the board no longer told.
        memory: The same.
        trouble: Why the board could not be reached any more; empty if it could.
    """

    outcomes: tuple[FrameOutcome, ...]
    asked: int
    timings: Timings | None = None
    memory: MemoryReport | None = None
    trouble: str = ""

    @property
    def code(self) -> int:
        """The exit code."""
        if self.different:
            return DIFFERENT
        if self.trouble:
            return UNREACHABLE
        return DIFFERENT if self.lost else EQUAL

    @property
    def different(self) -> list[FrameOutcome]:
        """Frames that came back with other bytes."""
        return [each for each in self.outcomes if each.differing]

    @property
    def lost(self) -> list[FrameOutcome]:
        """Frames that did not come back."""
        return [each for each in self.outcomes if each.differing is None]

    @property
    def summary(self) -> str:
        """What was found, and what to do."""
        sent = f"{len(self.outcomes)} frame{'s' * (len(self.outcomes) != 1)}"
        if self.code == EQUAL:
            return f"Equal: {sent}, every byte as the emulator has it."
        said = []
        if self.different:
            said.append(f"{len(self.different)} of {sent} came back with other bytes. {self._meaning}")
        if self.lost:
            said.append(f"{len(self.lost)} of {sent} got lost: try another cable or USB port, without a hub.")
        if self.trouble:
            said.append(f"Given up after {len(self.outcomes)} of {self.asked} frames: {self.trouble}")
        return " ".join(said)

    @property
    def _meaning(self) -> str:
        """What other bytes may come from; the line is not to blame, whose every packet has a checksum."""
        if len(self.different) + len(self.lost) < len(self.outcomes):
            return (
                "Since others were right, the code is, and something disturbs it now and then: look at the memory "
                "report, and try another power supply."
            )
        if max(each.largest for each in self.different) <= ROUNDING:
            return (
                "So small a difference everywhere comes from another rounding: was the sketch built with other kernels "
                "or with compiler options that change arithmetic (-ffast-math)?"
            )
        return (
            "All of them do, and by much: make the sketch of this model again and upload it; if that does not help, "
            "something writes over the network's memory (see the memory report)."
        )


def compare_with_emulator(
    board: Board, info: Info, emulator: Emulator, count: int, show: Show, tell: Callable[[FrameOutcome], None]
) -> BoardVerdict:
    """Sends frames, unless so many get lost in a row that the board must be disconnected.

    Args:
        board: Connected.
        info: What it said of itself.
        emulator: Of the model that its network was made of.
        count: How many frames.
        show: Called with what is done, its steps so far and in all.
        tell: Called with every outcome.
    """
    outcomes: list[FrameOutcome] = []
    for outcome in _outcomes(board, info, emulator, count, show):
        outcomes.append(outcome)
        tell(outcome)
        if len(outcomes) >= GIVE_UP and all(each.differing is None for each in outcomes[-GIVE_UP:]):
            return BoardVerdict(tuple(outcomes), count, trouble=outcome.error)
    try:
        return BoardVerdict(tuple(outcomes), count, board.timings(), board.memory())
    except MirnetError as error:
        return BoardVerdict(tuple(outcomes), count, trouble=str(error))


def _outcomes(board: Board, info: Info, emulator: Emulator, count: int, show: Show) -> Iterator[FrameOutcome]:
    for k, trial in enumerate(trials(count, info.format)):
        show("frames", k, count)
        expected = emulator.restore(info.camera.picture(trial.frame))
        yield _outcome(board, trial, expected, show)
    show("frames", count, count)


def _outcome(board: Board, trial: Trial, expected: np.ndarray, show: Show) -> FrameOutcome:
    began = time.monotonic()
    try:
        picture = board.enhance(trial.frame, lambda rows, of: show("rows of this frame", rows, of))
    except MirnetError as error:
        return FrameOutcome(trial.name, None, 0, time.monotonic() - began, str(error))
    seconds = time.monotonic() - began
    apart = np.abs(picture.astype(np.int16) - expected)
    return FrameOutcome(trial.name, int(np.count_nonzero(apart)), int(apart.max()), seconds)
