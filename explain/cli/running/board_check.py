"""A board held against the emulator: frames there and back, every byte compared, and what a difference may mean."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from embedded.emulator import Emulator
from embedded.link.messages import Memory
from embedded.link.replies import Timings
from explain.analysis.trial_frames import Trial, trials
from explain.cli.progress import Show, bars_on
from explain.cli.running.board_link import Link, beside_bars, connected, memory_words, times_by_kind, timing_table
from model.errors import MirnetError
from model.training.checkpoint import replacing

__all__ = ["Outcome", "Verdict", "board_test"]

EQUAL, DIFFERENT, UNREACHABLE = 0, 1, 2  # exit codes
GIVE_UP = 3  # frames that are lost one after the other
ROUNDING = 2  # levels: what another way of rounding makes of a picture


@dataclass(frozen=True)
class Outcome:
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
    def words(self) -> str:
        """In a line."""
        if self.differing is None:
            return f"lost: {self.error}"
        said = f"{self.differing:,} bytes differ, by up to {self.largest}" if self.differing else "equal"
        return f"{said}; {self.seconds:.2f} s"


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes:
        outcomes: Of all frames that were sent.
        asked: How many frames there were to send.
        timings: Of the last frame; None if the board no longer told.
        memory: The same.
        trouble: Why the board could not be reached any more; empty if it could.
    """

    outcomes: tuple[Outcome, ...]
    asked: int
    timings: Timings | None = None
    memory: Memory | None = None
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
    def different(self) -> list[Outcome]:
        """Frames that came back with other bytes."""
        return [each for each in self.outcomes if each.differing]

    @property
    def lost(self) -> list[Outcome]:
        """Frames that did not come back."""
        return [each for each in self.outcomes if each.differing is None]

    @property
    def words(self) -> str:
        """What it means."""
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
                "So small a difference everywhere is another way of rounding: was the sketch built with other kernels, "
                "or with compiler options that change arithmetic (-ffast-math)?"
            )
        return (
            "All of them do, and by much: make the sketch of this model again and upload it; if that does not help, "
            "something writes over the network's memory (see the memory report)."
        )


def board_test(args: argparse.Namespace, console: Console, out: Console) -> int:
    """Compares as `mirnet board-test` is asked to.

    Args:
        args: The words of the command line.
        console: Where progress and notes go.
        out: Where the result goes.

    Returns:
        The exit code: 0 all equal, 1 a frame differs or was lost, 2 the board could not be reached any more.

    Raises:
        MirnetError: If a word is wrong, or the board cannot be reached or was made of another model.
    """
    if args.frames < 1:
        raise MirnetError(f"--frames must be at least 1, not {args.frames}")
    if args.json is not None and (Path(args.json).is_dir() or not Path(args.json).parent.is_dir()):
        raise MirnetError(f"--json {args.json}: give a file in a folder that exists")
    with connected(args, console) as link:
        out.print(link.words, soft_wrap=True, markup=False)
        with bars_on(console) as show:
            lines = beside_bars(out, console)
            found = _compared(link, args.frames, show, lambda line: lines.print(line, soft_wrap=True, markup=False))
    _print(link, found, out)
    if args.json is not None:
        with replacing(Path(args.json)) as unfinished:
            unfinished.write_text(json.dumps(_report(link, found), indent=1) + "\n", encoding="utf-8")
    return found.code


def _compared(link: Link, count: int, show: Show, tell: Callable[[str], None]) -> Verdict:
    """Sends all frames, unless so many get lost in a row that the board must be gone."""
    outcomes: list[Outcome] = []
    for outcome in _outcomes(link, count, show):
        outcomes.append(outcome)
        tell(f"{len(outcomes):3}  {outcome.name}: {outcome.words}")
        if len(outcomes) >= GIVE_UP and all(each.differing is None for each in outcomes[-GIVE_UP:]):
            return Verdict(tuple(outcomes), count, trouble=outcome.error)
    try:
        return Verdict(tuple(outcomes), count, link.board.timings(), link.board.memory())
    except MirnetError as error:
        return Verdict(tuple(outcomes), count, trouble=str(error))


def _outcomes(link: Link, count: int, show: Show) -> Iterator[Outcome]:
    emulator = Emulator(link.model)
    for k, trial in enumerate(trials(count, link.info.format)):
        show("frames", k, count)
        yield _outcome(link, emulator, trial, show)
    show("frames", count, count)


def _outcome(link: Link, emulator: Emulator, trial: Trial, show: Show) -> Outcome:
    expected = emulator.restore(link.info.camera.picture(trial.frame))
    began = time.monotonic()
    try:
        picture = link.board.enhance(trial.frame, lambda rows, of: show("rows of this frame", rows, of))
    except MirnetError as error:
        return Outcome(trial.name, None, 0, time.monotonic() - began, str(error))
    seconds = time.monotonic() - began
    apart = np.abs(picture.astype(np.int16) - expected)
    return Outcome(trial.name, int(np.count_nonzero(apart)), int(apart.max()), seconds)


def _print(link: Link, found: Verdict, out: Console) -> None:
    if found.timings is not None:
        out.print()
        out.print(timing_table(link.fit, found.timings))
        if link.simulated:
            out.print("measured: on this computer, which says nothing about a Nano", style="dim")
    if found.memory is not None:
        out.print(memory_words(link.fit, found.memory), soft_wrap=True)
    out.print()
    out.print(found.words, style="green" if found.code == EQUAL else "bold red", soft_wrap=True, markup=False)


def _report(link: Link, found: Verdict) -> dict[str, Any]:
    """Everything, for a file."""
    timings, info = found.timings, link.info
    return {
        "board": {"name": info.name, "version": info.version, "format": info.format, "simulated": link.simulated},
        "model": info.model_hash.hex(),
        "equal": found.code == EQUAL,
        "verdict": found.words,
        "frames_asked": found.asked,
        "frames": [asdict(each) for each in found.outcomes],
        "seconds": None if timings is None else sum(timings.seconds),
        "ticks_per_second": None if timings is None else timings.ticks_per_second,
        "ticks": None if timings is None else list(timings.ticks),
        "kinds": [] if timings is None else [asdict(each) for each in times_by_kind(link.fit, timings)],
        "estimated_seconds": link.fit.seconds,
        "memory": None if found.memory is None else asdict(found.memory),
        "planned_arena": link.fit.plan.peak,
    }
