"""What a board found when it tested itself, held against what should have come out."""

from dataclasses import dataclass
from zlib import crc32

from embedded.camera.frame_bytes import pattern_frame
from embedded.emulator import Emulator
from embedded.link.self_test import SelfTest
from embedded.tflite.model_hash import hash_of
from explain.cli.running.board_link import Link, cache_text, memory_text

__all__ = ["SelfCheck", "self_checks"]

CLOCK_TOLERANCE = 0.01
"""Relative; the microseconds that cycles are counted against come from the same crystal, so it finds another clock."""

VERDICTS = {True: "right", False: "WRONG", None: "?"}
CANNOT_TELL = "this board cannot tell"


@dataclass(frozen=True)
class SelfCheck:
    """One thing that a board tests.

    Attributes:
        name: What.
        passed: Whether it is as it should be; None if that is not known.
        text: What was found.
    """

    name: str
    passed: bool | None
    text: str

    @property
    def line(self) -> str:
        """For a terminal."""
        return f"  {self.name:11}{VERDICTS[self.passed]:7}{self.text}"


def self_checks(found: SelfTest, link: Link, emulator: Emulator) -> list[SelfCheck]:
    """All that a board tests: camera, memory, instruction cache, clock, model and one frame.

    Args:
        found: What the board says.
        link: The board.
        emulator: Of the model that its network was made of.
    """
    memory, model = found.memory, hash_of(link.model)
    cache, clock = cache_text(memory), link.fit.board.clock_hz.value
    expected = crc32(emulator.restore(link.info.camera.picture(pattern_frame())).tobytes())
    right_clock = None if found.clock_hz is None else abs(found.clock_hz / clock - 1) < CLOCK_TOLERANCE
    counted = CANNOT_TELL if found.clock_hz is None else f"{found.clock_hz / 1e6:.1f} MHz, {clock / 1e6:g} are expected"
    equal = found.crc == expected
    return [
        SelfCheck("camera", None if found.wiring is None else not found.wiring.faults, found.camera),
        SelfCheck(
            "memory",
            None if memory.arena is None else memory.arena == link.fit.plan.peak,
            memory_text(link.fit, memory),
        ),
        SelfCheck("cache", bool(memory.cache_hits) if cache else None, cache or CANNOT_TELL),
        SelfCheck("clock", right_clock, counted),
        SelfCheck("model", found.model_hash == model, _model(found.model_hash, model)),
        SelfCheck(
            "one frame",
            equal,
            "the network restores the pattern as the emulator does, by the CRC-32 of all bytes"
            if equal
            else f"the network makes other bytes of the pattern than the emulator: CRC-32 {found.crc or 0:08x}, not "
            f"{expected:08x}",
        ),
    ]


def _model(found: bytes, expected: bytes) -> str:
    return found.hex() if found == expected else f"{found.hex()}, not {expected.hex()}"
