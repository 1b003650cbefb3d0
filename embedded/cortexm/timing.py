"""Cycles of the Cortex-M4's instructions: every assumption of the cycle model, with its source.

The manual's table holds for memories without wait states, and leaves some things open: each is an `Estimate` of extra
cycles, from the best case to the worst. What memory adds is a `Memory`: none for `ZERO_WAIT`, and for the Nano's chip
`NRF52840`.

References: Cortex-M4 Technical Reference Manual (TRM), Arm DDI 0439, table 3-1 and section 3.3.3 for the processor,
table 7-1 for its floating point; https://developer.arm.com/documentation/ddi0439/b
"""

from dataclasses import dataclass

from embedded.budget.estimate import Estimate

__all__ = ["NRF52840", "ZERO_WAIT", "Memory"]

# What the TRM says exactly

ONE = 1
"""Arithmetic, comparisons, moves and multiplications, with 64-bit results and SMLAD too (table 3-1)."""
LOAD = 2
"""A load alone, of which the next load or store takes one cycle off (table 3-1, section 3.3.3)."""
PIPELINED = 1
"""A load, or a store with a register as its offset, directly behind a load whose value is no part of its address."""
STORE = 1
"""A store with a constant offset: it is done while the next instruction runs (section 3.3.3)."""
MULTIPLE = 1
"""What LDM, STM, PUSH, POP, LDRD and STRD take beside one cycle for each word (table 3-1)."""
TABLE_BRANCH = 3
"""TBB and TBH: two cycles to load and one to add, before the refill (section 3.3.3)."""
FLOATS = {"vmla": 3, "vmls": 3, "vnmla": 3, "vnmls": 3, "vfma": 3, "vfms": 3, "vfnma": 3, "vfnms": 3}
FLOATS |= {"vdiv": 14, "vsqrt": 14}
"""Floating point that takes more than a cycle (table 7-1)."""

# What the TRM leaves open

REFILL = Estimate(1, 1, 2)
"""Of the pipeline after a branch to a known address: "1 to 3" (table 3-1), of which one is `UNALIGNED_TARGET`. Likely:
the loop of SUBS and a taken branch that Nordic's nrfx (nrfx_coredep.h) and Arm's Mbed OS (mbed_wait_api_no_rtos.c) wait
with takes 3 cycles on a Cortex-M4, two of which are the branch's."""
FAR_REFILL = Estimate(1, 2, 2)
"""After a branch to an address in a register or from the stack, which is known later: 1 to 3 too."""
UNALIGNED_TARGET = Estimate(0, 1, 1)
"""If the target is an instruction of 32 bits across two words, of which one is fetched in a cycle: P depends "on the
alignment and width of the target" (table 3-1); one more was measured on silicon (UNALIGNED_RUN's source)."""
UNALIGNED_RUN = Estimate(0, 1, 1)
"""For three or more instructions of 32 bits in a row, each across two words: measured on an STM32 with DWT counters,
https://compendium.i-0.nl/docs/instruction-alignment/rules"""
ADDRESS = Estimate(0, 1, 1)
"""A load or store whose address was computed by the instruction before waits for it (section 3.3.3). Lowest: none,
should this not hold for some."""
LITERAL = Estimate(0, 0, 1)
"""A load from beside the code "might" meet the fetch of an instruction (section 3.3.3)."""
BEHIND_STORE = Estimate(0, 0, 1)
"""A load or store directly behind a store: its data leaves through a buffer, and waits where that is full (section
3.3.3)."""
BEHIND_UPDATE = Estimate(0, 0, 1)
"""A load behind one that moved its address register on: whether it is pipelined is not said."""
REGISTER_STORE = Estimate(0, 1, 1)
"""More for a store with a register as its offset than for one with a constant: 2 in table 3-1, if not pipelined."""
FOLDED = Estimate(0, 0, 1)
"""IT behind an instruction of 16 bits "can be folded" into it (table 3-1)."""
UNFOLDED = Estimate(0, 1, 1)
"""IT behind one of 32 bits."""
SKIPPED = 1
"""An instruction whose condition is false. Which are, is not in the trace: for the lowest, all in IT blocks."""
DIVIDE = Estimate(2, 7, 12)
"""SDIV and UDIV: 2 to 12, "depending on the number of leading ones and zeros" (table 3-1). Likely: the middle."""
SYSTEM = Estimate(1, 1, 2)
"""MRS and MSR: 1 or 2 (table 3-1)."""


@dataclass(frozen=True)
class Memory:
    """What reading from flash costs beyond the processor's own cycles; RAM has no wait states.

    Attributes:
        data: Cycles for each read of data from flash.
        fetch: Cycles for each word of code that is run.
    """

    data: Estimate
    fetch: Estimate


ZERO_WAIT = Memory(Estimate(), Estimate())
"""A chip whose flash is as fast as its processor."""

FLASH_WAIT = Estimate(1, 2, 3)
"""Wait states of a read from the nRF52840's flash at 64 MHz: up to 2, with the cache on and a miss up to 3 (product
specification, section "CPU", W_FLASH and W_FLASHCACHE). The cache is of the bus for instructions alone (section "NVMC",
I-Code cache): reads of data wait. Lowest: half of them find their word in what the read before had fetched."""
CACHE_MISSES = Estimate(0, 0.005, 0.03)
"""Share of fetched words that the instruction cache does not have, once it is switched on: an assumption, which
`mirnet board-test` checks on a board by the chip's own counters. Likely: a cache of 1 KB with two ways and lines of 16
bytes, simulated over a frame of `nano`, misses 0.4 %, and one of 2 KB next to none."""

NRF52840 = Memory(
    data=FLASH_WAIT,
    fetch=Estimate(
        CACHE_MISSES.lowest * FLASH_WAIT.lowest,
        CACHE_MISSES.likely * FLASH_WAIT.likely,
        CACHE_MISSES.highest * FLASH_WAIT.highest,
    ),
)
"""The Nano's chip with its instruction cache on, as the sketch switches it."""
