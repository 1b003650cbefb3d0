"""Calls of C functions on an emulated board: arguments, result, instructions, peak of the stack.

Both emulators (`embedded.cortexm.unicorn_board`, `embedded.cortexm.qemu_board`) pass arguments in registers as the
AAPCS says, and measure the peak of the stack in the same way: it is filled with a pattern before the call.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from embedded.budget.estimate import Estimate
from model.errors import MirnetError

__all__ = ["BEFORE", "BoardError", "Run", "argument_words", "peak_stack", "signed", "stack_pattern"]

BEFORE = -1
"""The step of the instructions before the first write to the step symbol."""

REGISTERS = 4  # in which the AAPCS passes integers of up to 32 bits
WORD = 4


class BoardError(MirnetError):
    """A program did what the board cannot do; the message says what and where in the program."""


@dataclass(frozen=True)
class Run:
    """Result and counts of one call.

    Attributes:
        result: What the function returned, as a signed number of 32 bits.
        instructions: How many it took; 0 if not counted.
        peak_stack: Bytes of stack from where it was at the call down to the lowest word that was written. What a
            function sets aside below that and never writes is not seen.
        by_function: Instructions by function, most first; what a function calls is not its own. An empty name stands
            for code that has none, such as a compiler's own.
        by_step: Instructions by the value last written to the step symbol; `BEFORE` for those before.
        cycles_by_step: Cycles in the same way, see `embedded.cortexm.timing`.
        flash_reads: How often data was read from flash.
        written: The ranges of RAM that were written, stack included; None if not watched.
    """

    result: int
    instructions: int
    peak_stack: int
    by_function: Mapping[str, int] = field(default_factory=dict)
    by_step: Mapping[int, int] = field(default_factory=dict)
    cycles_by_step: Mapping[int, Estimate] = field(default_factory=dict)
    flash_reads: int = 0
    written: tuple[range, ...] | None = None

    @property
    def cycles(self) -> Estimate:
        """Cycles of the whole call; nothing if not counted."""
        return sum(self.cycles_by_step.values(), Estimate())


def argument_words(arguments: Sequence[int]) -> list[int]:
    """Arguments as unsigned 32-bit words of the registers.

    Raises:
        MirnetError: If there are more than four, or one does not fit 32 bits, signed or not.
    """
    if len(arguments) > REGISTERS:
        raise MirnetError(f"a call takes up to {REGISTERS} numbers, not {len(arguments)}: put more into a variable")
    for argument in arguments:
        if not -(2**31) <= argument < 2**32:
            raise MirnetError(f"argument {argument} does not fit 32 bits")
    return [argument % 2**32 for argument in arguments]


def signed(word: int) -> int:
    """A register as int32."""
    return word - 2**32 if word >= 2**31 else word


def stack_pattern(size: int) -> bytes:
    """The bytes a stack is filled with: random, so that a program does not write them by chance; always the same."""
    return random.Random(size).randbytes(size)


def peak_stack(pattern: bytes, stack: bytes) -> int:
    """Bytes from the top of the stack to its lowest word that is no longer the pattern."""
    for position in range(0, len(pattern), WORD):
        if stack[position : position + WORD] != pattern[position : position + WORD]:
            return len(pattern) - position
    return 0
