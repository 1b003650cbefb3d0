"""Recorder of one call on the emulated board: unicorn's hooks, and the sums of what they count.

A hook for each instruction would allow a million of them in a second. So it is counted how often each basic block came
after which other, and reads of data from flash; how many instructions and cycles a block has is read from its code
afterwards.
"""

import struct
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from embedded.budget.estimate import Estimate
from embedded.cortexm.block_cycles import read_block
from embedded.cortexm.c_call import BEFORE
from embedded.cortexm.elf import count_instructions
from embedded.cortexm.program import RAM_START, Program
from embedded.cortexm.timing import UNALIGNED_TARGET, Memory

__all__ = ["Record"]

WORD = 4
LARGEST_PUSH = 32 * 4  # bytes: of VPUSH with all registers

Block = tuple[int, int]
"""Address and size."""

NOTHING: Block = (0, 0)


class Record:
    """Hooks of one call, and what they recorded.

    Args:
        program: The program that runs.
        function: The name of the function that was called.
        unicorn: The module.

    Attributes:
        fault: What the program did that the board cannot do; empty if nothing.
        last: The block that was entered last; `NOTHING` if none was counted.
        flash_reads: Reads of data from flash, by step.
    """

    def __init__(self, program: Program, function: str, unicorn: Any):
        self.program = program
        self.function = function
        self.fault = ""
        self.last: Block = NOTHING
        self.flash_reads: Counter[int] = Counter()
        self._unicorn = unicorn
        # How often a block came after which other, in the present step.
        self._blocks: defaultdict[tuple[Block, Block], int] = defaultdict(int)
        self._step = BEFORE
        self._steps = {BEFORE: self._blocks}
        self._moved: Counter[int] = Counter()  # instructions of blocks in which a new step began, by step
        self._marks = bytearray(program.ram)

    def on_block(self, _cpu: Any, address: int, size: int, _data: Any) -> None:
        """Counts a block; called millions of times, so the shorter the better."""
        block = (address, size)
        self._blocks[self.last, block] += 1
        self.last = block

    def on_step(self, cpu: Any, _kind: int, _address: int, _size: int, value: int, _data: Any) -> None:
        """Begins a new step, with the instruction after the one that wrote its number."""
        place = cpu.reg_read(self._unicorn.arm_const.UC_ARM_REG_PC)
        rest = self._count((place, sum(self.last) - place)) - 1
        self._moved[self._step] -= rest
        self._step = value % 2**32
        self._moved[self._step] += rest
        self._blocks = self._steps.setdefault(self._step, defaultdict(int))

    def on_flash_read(self, *_hook: Any) -> None:
        """Counts a read of data from flash; called millions of times, too."""
        self.flash_reads[self._step] += 1

    def on_write(self, cpu: Any, _kind: int, address: int, size: int, _value: int, _data: Any) -> None:
        """Marks what is written, and checks the alignment."""
        start = address - RAM_START
        self._marks[start : start + size] = b"\1" * size
        if address % WORD and size >= WORD:
            self._check_alignment(cpu, address)

    def on_read(self, cpu: Any, _kind: int, address: int, size: int, _value: int, _data: Any) -> None:
        """Checks the alignment of a read."""
        if address % WORD and size >= WORD:
            self._check_alignment(cpu, address)

    def on_invalid(self, cpu: Any, kind: int, address: int, size: int, _value: int, _data: Any) -> bool:
        """Notes what was wrong with an access; False ends the call."""
        u = self._unicorn
        place = self.program.place(cpu.reg_read(u.arm_const.UC_ARM_REG_PC))
        pointer = cpu.reg_read(u.arm_const.UC_ARM_REG_SP)
        if kind in (u.UC_MEM_FETCH_UNMAPPED, u.UC_MEM_FETCH_PROT):
            self.fault = f"{self.source(cpu)} jumps to {address:#x}, which is not in the flash: no code is there"
        elif pointer < RAM_START or pointer - LARGEST_PUSH <= address < RAM_START:
            self.fault = f"the stack of {self.program.stack} bytes overflows at {place}: build with a larger `stack`"
        elif kind == u.UC_MEM_WRITE_PROT:
            self.fault = f"{place} writes {size} bytes at {address:#x}: that is flash, which cannot be written"
        else:
            verb = "writes" if kind == u.UC_MEM_WRITE_UNMAPPED else "reads"
            self.fault = f"{place} {verb} {size} bytes at {address:#x}, where there is neither flash nor RAM"
        return False

    def source(self, cpu: Any) -> str:
        """Origin of a jump into nowhere, as far as it is known: the block, the return address, or the call."""
        for address in (self.last[0], cpu.reg_read(self._unicorn.arm_const.UC_ARM_REG_LR) & ~1):
            if self.program.function_at(address):
                return self.program.place(address)
        return self.function

    def _check_alignment(self, cpu: Any, address: int) -> None:
        """Stops instructions that a Cortex-M4 refuses at such an address: those that move several words, or floats."""
        place = cpu.reg_read(self._unicorn.arm_const.UC_ARM_REG_PC)
        (half,) = struct.unpack("<H", cpu.mem_read(place, 2))
        if half >> 12 == 0b1100 or half >> 9 in (0b1110100, 0b1110110):  # LDM, STM; LDRD, STRD and theirs; VLDR, VSTR
            self.fault = self.fault or (
                f"{self.program.place(place)} accesses {address:#x}, which is no multiple of {WORD}, with an "
                "instruction that moves several words or a float: the Cortex-M4 stops there"
            )
            cpu.emu_stop()

    def by_step(self) -> dict[int, int]:
        """Instructions by step, in the order in which steps first came."""
        return {
            step: sum(times * self._count(block) for (_, block), times in blocks.items()) + self._moved[step]
            for step, blocks in self._steps.items()
        }

    def cycles_by_step(self, memory: Memory, flash_reads: Mapping[int, int]) -> dict[int, Estimate]:
        """Cycles by step, with so many reads of data from flash in each.

        A block in which a new step begins is counted to the step before, and so is its refill.
        """
        blocks = {block for pairs in self._steps.values() for pair in pairs for block in pair if block != NOTHING}
        known = {block: read_block(self.program.code(*block), block[0]) for block in blocks}
        found = {}
        for step, pairs in self._steps.items():
            cycles = flash_reads.get(step, 0) * memory.data
            for (before, block), times in pairs.items():
                code = known[block]
                cycles += times * (code.cycles + code.words * memory.fetch)
                if before != NOTHING and sum(before) != block[0]:  # a jump
                    cycles += times * (known[before].refill + (UNALIGNED_TARGET if code.unaligned else 0))
            found[step] = cycles
        return found

    def by_function(self) -> dict[str, int]:
        """Instructions by function, most first; an empty name is for code that has none."""
        sums: Counter[str] = Counter()
        for blocks in self._steps.values():
            for (_, block), times in blocks.items():
                sums[self.program.function_at(block[0])] += times * self._count(block)
        return dict(sums.most_common())

    def written(self) -> tuple[range, ...]:
        """Ranges of RAM that were written, by address."""
        edges = np.flatnonzero(np.diff(np.frombuffer(self._marks, np.uint8), prepend=0, append=0))
        return tuple(range(RAM_START + int(a), RAM_START + int(b)) for a, b in edges.reshape(-1, 2))

    def _count(self, block: Block) -> int:
        return count_instructions(self.program.code(*block))
