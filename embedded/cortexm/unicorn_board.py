"""Cortex-M4F emulator on Unicorn: calls C functions of a program, counts instructions, watches memory.

```python
board = EmulatedBoard(build({"net.c": text}, keep=["run", "frame"]))
board.write("frame", camera_bytes)
run = board.call("run", board.address("frame"))
run.result, run.instructions, run.peak_stack, run.by_function
```

The memory map is enforced: what is neither flash nor RAM, a write to flash, code in RAM and a stack that overflows end
in an error that names the function. The processor is unicorn's, QEMU made into a library; the counting is ours.

Output that the RAM cannot hold may be written to `board_outbox`: 64 KB that the Nano does not have, instead of its
serial port. The program cannot read there; `read("board_outbox", size)` is what the last call sent.

**What counts as an instruction**: each that the processor fetches, also one whose condition, set by an IT before it, is
false: it takes its cycle all the same. Cycles are estimated from the same trace, by the manual of the processor (see
`embedded.cortexm.timing`).
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from embedded.cortexm.block_cycles import load_capstone
from embedded.cortexm.c_call import BoardError, Run, argument_words, peak_stack, signed, stack_pattern
from embedded.cortexm.program import FLASH, FLASH_START, OUTBOX, OUTBOX_START, RAM_START, Program
from embedded.cortexm.record import Record
from embedded.cortexm.timing import NRF52840, Memory
from model.errors import MirnetError

__all__ = ["EmulatedBoard"]

LIMIT = 2_000_000_000
"""Instructions after which a call counts as endless: more than half a minute on the board."""

RETURN = 0x1000_0000  # where a called function returns to; nothing is there, and emulation ends on arrival
ERASED = b"\xff"  # what flash holds where nothing was written
WAITS = (0xBF20, 0xBF30)  # WFE, WFI


class EmulatedBoard:
    """A program on an emulated Nano.

    Args:
        program: From `embedded.cortexm.toolchain.build`.
        step_symbol: A volatile variable that the program writes before each of its steps; instructions are then
            counted by step too.

    Raises:
        MirnetError: If unicorn is missing, or the program has no such variable.
    """

    def __init__(self, program: Program, step_symbol: str = ""):
        self.program = program
        self._step = program.locate(step_symbol, 1, writing=True) if step_symbol else None
        self._unicorn = u = _load_unicorn()
        self._cpu = u.Uc(u.UC_ARCH_ARM, u.UC_MODE_THUMB | u.UC_MODE_MCLASS)
        self._cpu.ctl_set_cpu_model(u.arm_const.UC_CPU_ARM_CORTEX_M4)
        self._cpu.mem_map(FLASH_START, FLASH, u.UC_PROT_READ | u.UC_PROT_EXEC)
        self._cpu.mem_map(RAM_START, program.ram, u.UC_PROT_READ | u.UC_PROT_WRITE)
        if program.sends:
            self._cpu.mem_map(OUTBOX_START, OUTBOX, u.UC_PROT_WRITE)
        self.reset()

    def reset(self) -> None:
        """Resets the memory as at power-on: variables as initialized, the others zero."""
        self._cpu.mem_write(FLASH_START, ERASED * FLASH)
        self._cpu.mem_write(RAM_START, bytes(self.program.ram))
        for segment in self.program.board_segments:
            self._cpu.mem_write(segment.stored, segment.content)
            self._cpu.mem_write(segment.address, segment.content)

    def address(self, name: str) -> int:
        """The address of a function or variable; see `Program.address`."""
        return self.program.address(name)

    def write(self, place: str | int, data: bytes) -> None:
        """Writes bytes to a variable or an address in RAM; for errors see `Program.locate`."""
        self._cpu.mem_write(self.program.locate(place, len(data), writing=True), bytes(data))

    def read(self, place: str | int, size: int) -> bytes:
        """Reads bytes of a variable or from an address; for errors see `Program.locate`."""
        return bytes(self._cpu.mem_read(self.program.locate(place, size, writing=False), size))

    def call(
        self,
        function: str,
        *arguments: int,
        limit: int = LIMIT,
        count: bool = True,
        watch: bool = False,
        tell: Callable[[int], None] | None = None,
        memory: Memory = NRF52840,
    ) -> Run:
        """Calls a C function and runs to its return.

        Args:
            function: Its name.
            *arguments: Up to four integers or addresses, of up to 32 bits.
            limit: Instructions after which it counts as endless, without those whose condition is false.
            count: Count instructions and cycles; without this it is ten times as fast, and more.
            watch: Record what is written in RAM, and refuse accesses that the processor refuses unless an address is a
                multiple of 4 (LDM, LDRD, VLDR and their like). Some three times as slow.
            tell: Called with each new step, to show progress.
            memory: How long reads from flash take, for the cycles.

        Raises:
            BoardError: If it does what the board cannot do, or does not return. The memory stays as it then was.
            MirnetError: If there is no such function, an argument does not fit, or capstone is missing for a count.
        """
        if count:
            load_capstone()
        entry, words = self.program.entry(function), argument_words(arguments)
        pattern = stack_pattern(self.program.stack)
        self._cpu.mem_write(RAM_START, pattern)
        if self.program.sends:
            self._cpu.mem_write(OUTBOX_START, bytes(OUTBOX))
        before = self._memory()
        record = Record(self.program, function, self._unicorn)
        with self._hooks(record, count, watch, tell):
            error = self._emulate(entry, words, limit)
        self._check(record, error, limit)
        result = signed(self._cpu.reg_read(self._unicorn.arm_const.UC_ARM_REG_R0))
        by_step = record.by_step()
        instructions = sum(by_step.values())
        reads = self._flash_reads(record, entry, words, before, 2 * instructions) if count else Counter()
        return Run(
            result=result,
            instructions=instructions,
            peak_stack=peak_stack(pattern, self.read(RAM_START, len(pattern))),
            by_function=record.by_function(),
            by_step=by_step if count and self._step is not None else {},
            cycles_by_step=record.cycles_by_step(memory, reads) if count else {},
            flash_reads=reads.total(),
            written=record.written() if watch else None,
        )

    def _emulate(self, entry: int, words: Sequence[int], limit: int) -> Exception | None:
        """Runs from an address to the return; what unicorn raises, if anything."""
        registers = self._unicorn.arm_const
        self._cpu.reg_write(registers.UC_ARM_REG_SP, self.program.stack_top)
        self._cpu.reg_write(registers.UC_ARM_REG_LR, RETURN | 1)
        for index, word in enumerate(words):
            self._cpu.reg_write(registers.UC_ARM_REG_R0 + index, word)
        try:
            self._cpu.emu_start(entry | 1, RETURN, count=limit)
        except self._unicorn.UcError as error:
            return error
        return None

    def _memory(self) -> list[tuple[int, bytes]]:
        """What a program can change: addresses and contents."""
        places = [(RAM_START, self.program.ram), *([(OUTBOX_START, OUTBOX)] if self.program.sends else [])]
        return [(start, bytes(self._cpu.mem_read(start, size))) for start, size in places]

    def _flash_reads(
        self, record: Record, entry: int, words: Sequence[int], before: list[tuple[int, bytes]], limit: int
    ) -> Counter[int]:
        """Reads of data from flash by step, from running the call once more; the memory is then as it was after it.

        Once more, since unicorn 2.1.4 gives wrong values to some programs whose reads are hooked (the portable kernels,
        built by GCC): what that run computes is thrown away.
        """
        after = self._memory()
        counter = Record(self.program, record.function, self._unicorn)
        for start, content in before:
            self._cpu.mem_write(start, content)
        with self._hooks(counter, reads=True):
            self._emulate(entry, words, limit)
        for start, content in after:
            self._cpu.mem_write(start, content)
        return counter.flash_reads

    @contextmanager
    def _hooks(
        self,
        record: Record,
        count: bool = False,
        watch: bool = False,
        tell: Callable[[int], None] | None = None,
        reads: bool = False,
    ) -> Iterator[None]:
        u, add = self._unicorn, self._cpu.hook_add
        hooks = [add(u.UC_HOOK_MEM_INVALID, record.on_invalid)]
        if count:
            hooks.append(add(u.UC_HOOK_BLOCK, record.on_block))
        if reads:
            flash = {"begin": FLASH_START, "end": FLASH_START + FLASH - 1}
            hooks.append(add(u.UC_HOOK_MEM_READ, record.on_flash_read, **flash))
        if (count or reads) and self._step is not None:
            hooks.append(add(u.UC_HOOK_MEM_WRITE, record.on_step, begin=self._step, end=self._step))
        if tell is not None and self._step is not None:
            # A hook gets the processor, the kind of access, address, size, value and data.
            hooks.append(
                add(u.UC_HOOK_MEM_WRITE, lambda *hook: tell(hook[4] % 2**32), begin=self._step, end=self._step)
            )
        if watch:
            ram = {"begin": RAM_START, "end": RAM_START + self.program.ram - 1}
            hooks.append(add(u.UC_HOOK_MEM_WRITE, record.on_write, **ram))
            hooks.append(add(u.UC_HOOK_MEM_READ, record.on_read))
        try:
            yield
        finally:
            for hook in hooks:
                self._cpu.hook_del(hook)
            self._cpu.ctl_flush_tb()  # translated code has the hooks in it

    def _check(self, record: Record, error: Exception | None, limit: int) -> None:
        """Raises if a call did not return."""
        place = self._cpu.reg_read(self._unicorn.arm_const.UC_ARM_REG_PC)
        if record.fault:
            raise BoardError(record.fault)
        if error is not None:
            raise BoardError(self._what_stopped(place, error, record)) from error
        if place == RETURN:
            return
        if struct.unpack("<H", self._cpu.mem_read(place - 2, 2))[0] in WAITS:
            raise BoardError(f"{self.program.place(place - 2)} waits for an interrupt, and there are none")
        raise BoardError(
            f"{record.function} has not returned after {limit} instructions and is at {self.program.place(place)}: "
            "an endless loop, or it needs a higher `limit`"
        )

    def _what_stopped(self, place: int, error: Exception, record: Record) -> str:
        where = self.program.place(place)
        if not self.program.function_at(place):
            where += f", reached from {record.source(self._cpu)}"
        if getattr(error, "errno", None) == self._unicorn.UC_ERR_INSN_INVALID:
            return f"no instruction of the Cortex-M4 at {where} (or a jump to an even address, not to Thumb code)"
        return f"an exception (SVC, BKPT, or a jump to where no code can be) at {where}"


@cache
def _load_unicorn() -> Any:
    try:
        import unicorn
        import unicorn.arm_const
    except ImportError as error:
        raise MirnetError(
            f"the emulated board needs unicorn: pip install 'mirnet-explainer[board]' ({error})"
        ) from error
    return unicorn
