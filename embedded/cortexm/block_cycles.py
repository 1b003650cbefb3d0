"""Cycles of a basic block on the Cortex-M4, from its code: `embedded.cortexm.timing` applied to each instruction.

```python
block = read_block(program.code(0x1A4, 22), 0x1A4)
block.cycles          # Estimate: all its instructions, a branch at its end not taken
block.refill          # Estimate: more if it is left by a jump
block.unaligned       # whether its first instruction has 32 bits and lies across two words
```

Instructions are read by capstone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from embedded.budget.estimate import Estimate, exactly
from embedded.cortexm import timing
from model.errors import MirnetError

__all__ = ["BlockCycles", "load_capstone", "read_block"]

BRANCHES = ("b", "bl", "cbz", "cbnz")
TABLE_BRANCHES = ("tbb", "tbh")
ON_STACK = ("push", "pop", "vpush", "vpop")
LISTS = ("ldm", "ldmdb", "stm", "stmdb", "vldm", "vldmia", "vldmdb", "vstm", "vstmia", "vstmdb")  # a base, and a list
PAIRS = ("ldrd", "strd")
FLOAT_ACCESSES = ("vldr", "vstr")
WORD = 4
RUN = 3  # instructions in a row, see `timing.UNALIGNED_RUN`


@dataclass(frozen=True)
class BlockCycles:
    """Cycles of a basic block.

    Attributes:
        instructions: How many it has.
        cycles: Of all of them, without wait states, its last branch not taken.
        refill: More if the block is left by a jump.
        unaligned: Whether a jump to it costs `timing.UNALIGNED_TARGET`.
        words: Of its code.
    """

    instructions: int
    cycles: Estimate
    refill: Estimate
    unaligned: bool
    words: float


@dataclass(frozen=True)
class Instruction:
    """What the timing needs of an instruction.

    Attributes:
        name: Its mnemonic without condition and width.
        address: Where it lies.
        size: 2 or 4 bytes.
        loads: Whether it is a load of one value into a register of the processor.
        stores: Whether it is a store of one.
        address_registers: Those that a load or store computes its address from.
        written: Registers that it writes.
        words: That it moves, if it moves several or floats; else 0.
        conditional: Whether it is in an IT block.
        literal: Whether it reads from beside the code.
        register_offset: Whether its address is the sum of two registers.
    """

    name: str
    address: int
    size: int
    loads: bool
    stores: bool
    address_registers: frozenset[int]
    written: frozenset[int]
    words: int
    conditional: bool
    literal: bool
    register_offset: bool

    @property
    def wide_across(self) -> bool:
        """Whether it has 32 bits and lies across two words."""
        return self.size == WORD and self.address % WORD != 0


def read_block(code: bytes, address: int) -> BlockCycles:
    """Cycles of the code at an address."""
    instructions = [_read(each) for each in _disassembler().disasm(code, address)]
    if sum(each.size for each in instructions) != len(code):
        raise MirnetError(f"capstone cannot read the code at {address:#x}")
    total = Estimate()
    before: Instruction | None = None
    for each in instructions:
        total += _cycles(each, before)
        before = each
    total += _runs(instructions) * timing.UNALIGNED_RUN
    last = instructions[-1]
    refill = timing.REFILL if last.name in BRANCHES else timing.FAR_REFILL
    return BlockCycles(len(instructions), total, refill, instructions[0].wide_across, len(code) / WORD)


def _cycles(each: Instruction, before: Instruction | None) -> Estimate:
    """Of one instruction behind another; a jump's refill is not in it."""
    own = exactly(timing.ONE)
    if each.name == "it":
        return timing.FOLDED if before is not None and before.size == 2 else timing.UNFOLDED
    if each.loads or each.stores:
        own = _one_access(each, before)
    elif each.words:
        own = exactly(timing.MULTIPLE + each.words) + _address(each, before)
    elif each.name in TABLE_BRANCHES:
        own = exactly(timing.TABLE_BRANCH)
    elif each.name in ("sdiv", "udiv"):
        own = timing.DIVIDE
    elif each.name in ("mrs", "msr"):
        own = timing.SYSTEM
    elif each.name in timing.FLOATS:
        own = exactly(timing.FLOATS[each.name])
    return Estimate(timing.SKIPPED, own.likely, own.highest) if each.conditional else own


def _one_access(each: Instruction, before: Instruction | None) -> Estimate:
    """A load or a store of one value."""
    follows = _is_pipelined(each, before)
    wait = _address(each, before)
    if before is not None and before.stores:
        wait += timing.BEHIND_STORE
    if each.stores:
        return timing.STORE + wait + (timing.REGISTER_STORE if each.register_offset and not follows else 0)
    if follows and before is not None and before.written & before.address_registers:
        wait += timing.BEHIND_UPDATE
    if each.literal:
        wait += timing.LITERAL
    return (timing.PIPELINED if follows else timing.LOAD) + wait


def _is_pipelined(each: Instruction, before: Instruction | None) -> bool:
    """Whether the instruction before is a load whose value is no part of this one's address."""
    return before is not None and before.loads and not before.written & each.address_registers


def _address(each: Instruction, before: Instruction | None) -> Estimate:
    """The wait for an address that the instruction before computes."""
    if before is None or before.loads or before.stores or before.words:
        return Estimate()
    return timing.ADDRESS if before.written & each.address_registers else Estimate()


def _runs(instructions: Sequence[Instruction]) -> int:
    """How many times instructions across two words come in a row of `RUN` or more."""
    runs = length = 0
    for each in instructions:
        length = length + 1 if each.wide_across else 0
        runs += length == RUN
    return runs


def _read(found: Any) -> Instruction:
    arm, name = load_capstone().arm_const, found.insn_name()
    memory = next((each.mem for each in found.operands if each.type == arm.ARM_OP_MEM), None)
    registers = [each.reg for each in found.operands if each.type == arm.ARM_OP_REG]
    words = _words(name, registers, arm)
    single = memory is not None and not words and name not in TABLE_BRANCHES
    return Instruction(
        name,
        found.address,
        found.size,
        single and name.startswith("ldr"),
        single and name.startswith("str"),
        _address_registers(name, memory, registers, arm),
        frozenset(found.regs_access()[1]),
        words,
        found.cc not in (arm.ARM_CC_AL, arm.ARM_CC_INVALID) and name not in (*BRANCHES, "it"),
        memory is not None and memory.base == arm.ARM_REG_PC,
        memory is not None and memory.index != 0,
    )


def _words(name: str, registers: Sequence[int], arm: Any) -> int:
    """Words that an instruction moves which moves several, or floats; 0 for all others."""
    count = {**dict.fromkeys(LISTS, len(registers) - 1), **dict.fromkeys(ON_STACK, len(registers))}
    count |= dict.fromkeys(PAIRS, 2) | dict.fromkeys(FLOAT_ACCESSES, 1)
    double = any(arm.ARM_REG_D0 <= register <= arm.ARM_REG_D31 for register in registers)
    return count.get(name, 0) * (1 + double)


def _address_registers(name: str, memory: Any, registers: Sequence[int], arm: Any) -> frozenset[int]:
    """The registers that an address is computed from."""
    if memory is not None:
        return frozenset(register for register in (memory.base, memory.index) if register)
    if name in LISTS:
        return frozenset(registers[:1])
    return frozenset((arm.ARM_REG_SP,)) if name in ON_STACK else frozenset()


@cache
def _disassembler() -> Any:
    capstone = load_capstone()
    reader = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    reader.detail = True
    return reader


@cache
def load_capstone() -> Any:
    """The module.

    Raises:
        MirnetError: If it is missing.
    """
    try:
        import capstone
        import capstone.arm_const
    except ImportError as error:
        raise MirnetError(f"counting cycles needs capstone: pip install 'mirnet-explainer[board]' ({error})") from error
    return capstone
