"""A linked program for the Nano: its memory and the addresses of its symbols (read by `embedded.cortexm.elf`).

```python
program = build({"net.c": text}, keep=["run"])  # embedded.cortexm.toolchain
program.flash_bytes, program.ram_bytes
program.symbols["run"].address
program.place(0x1A4)  # "convolve+0x1c"
```
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from model.errors import MirnetError

__all__ = ["FLASH", "FLASH_START", "OUTBOX", "OUTBOX_START", "RAM", "RAM_START", "Program", "Segment", "Symbol"]

FLASH_START, FLASH = 0x0000_0000, 1024 * 1024
RAM_START, RAM = 0x2000_0000, 256 * 1024
"""Where the nRF52840 has its memories, and their bytes (product specification, "Memory map")."""

HARNESS = 0x0020_0000  # see startup/nano.ld: only QEMU has memory there

OUTBOX_START, OUTBOX = 0x0021_0000, 64 * 1024
"""The emulators' memory for the output of a program, and its bytes; the Nano has no memory there."""

OUTBOX_NAME = "board_outbox"


@dataclass(frozen=True)
class Symbol:
    """A function or variable of a program.

    Attributes:
        name: As in the C source.
        address: Of its first byte, without the Thumb bit.
        size: Bytes; 0 if the compiler did not say.
        is_function: Whether it is code.
    """

    name: str
    address: int
    size: int
    is_function: bool


@dataclass(frozen=True)
class Segment:
    """A range of memory that the program occupies.

    Attributes:
        address: Where it is when the program runs.
        stored: Where its content is kept: for initialized variables that is the flash.
        content: Its first bytes at the start; the rest is zeros.
        size: Bytes.
    """

    address: int
    stored: int
    content: bytes
    size: int


@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """A linked program for the board.

    Attributes:
        elf: The bytes of the file.
        compiler: Name and version of the compiler that made it.
        ram: Bytes of RAM that the linker could use, stack included.
        stack: Bytes of these for the stack, at the bottom.
        segments: The ranges of memory with their contents.
        functions: All functions, by address.
        symbols: Functions and variables by name; where several have one name, the global one.
    """

    elf: bytes
    compiler: str
    ram: int
    stack: int
    segments: tuple[Segment, ...]
    functions: tuple[Symbol, ...]
    symbols: Mapping[str, Symbol]

    @property
    def flash_bytes(self) -> int:
        """Flash for code, constants and the initial values of variables."""
        return max(each.stored + len(each.content) for each in self.board_segments) - FLASH_START

    @property
    def ram_bytes(self) -> int:
        """RAM for variables (.data and .bss), without the stack."""
        ends = [each.address + each.size for each in self.segments if each.address >= RAM_START]
        return max(ends, default=self.stack_top) - self.stack_top

    @property
    def stack_top(self) -> int:
        """The stack pointer when nothing is on the stack."""
        return RAM_START + self.stack

    @property
    def board_segments(self) -> tuple[Segment, ...]:
        """The segments in the Nano's memory, without the harness for QEMU."""
        return tuple(each for each in self.segments if each.stored < HARNESS)

    @property
    def sends(self) -> bool:
        """Whether it writes to the outbox."""
        return OUTBOX_NAME in self.symbols

    def code(self, address: int, size: int) -> bytes:
        """Bytes of the flash at an address."""
        return self._flash[address - FLASH_START : address - FLASH_START + size]

    @cached_property
    def _flash(self) -> bytes:
        image = bytearray(self.flash_bytes)
        for segment in self.board_segments:
            start = segment.stored - FLASH_START
            image[start : start + len(segment.content)] = segment.content
        return bytes(image)

    def address(self, name: str) -> int:
        """The address of a function or a variable.

        Raises:
            MirnetError: If the program has no such name.
        """
        try:
            return self.symbols[name].address
        except KeyError:
            near = get_close_matches(name, self.symbols, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise MirnetError(
                f"the program has no {name!r}: name it in `keep`, or the linker leaves out what nothing uses{hint}"
            ) from None

    def entry(self, name: str) -> int:
        """The address of a function.

        Raises:
            MirnetError: If the program has no such name, or it names a variable.
        """
        address = self.address(name)
        if not self.symbols[name].is_function:
            raise MirnetError(f"{name} is a variable and cannot be called")
        return address

    def locate(self, place: str | int, size: int, writing: bool) -> int:
        """The address of bytes that are read or written from outside.

        Args:
            place: Name of a variable, or an address.
            size: Bytes.
            writing: Whether they are written: then they must lie in RAM.

        Raises:
            MirnetError: If the name is unknown, or bytes are beyond the variable's end or outside of memory.
        """
        start = self.address(place) if isinstance(place, str) else place
        if isinstance(place, str) and size > self.symbols[place].size > 0:
            raise MirnetError(f"{place} has {self.symbols[place].size} bytes, not {size}")
        in_ram = RAM_START <= start and start + size <= RAM_START + self.ram
        in_flash = FLASH_START <= start and start + size <= FLASH_START + FLASH
        in_outbox = self.sends and OUTBOX_START <= start and start + size <= OUTBOX_START + OUTBOX
        if not in_ram and (writing or not (in_flash or in_outbox)):
            memory = "the RAM" if writing else "the flash and the RAM"
            raise MirnetError(f"{size} bytes at {start:#x} are outside {memory}: {RAM_START:#x} + {self.ram} bytes")
        return start

    def place(self, address: int) -> str:
        """An address as a function and an offset into it, such as `convolve+0x1c`; the bare address outside of code."""
        function = self._function_at(address)
        if function is None:
            return f"{address:#x}"
        offset = address - function.address
        return f"{function.name}+{offset:#x}" if offset else function.name

    def function_at(self, address: int) -> str:
        """Name of the function at an address; empty if there is none."""
        function = self._function_at(address)
        return function.name if function else ""

    def _function_at(self, address: int) -> Symbol | None:
        position = bisect_right(self.functions, address, key=lambda each: each.address) - 1
        if position < 0 or address >= self.functions[position].address + self.functions[position].size:
            return None
        return self.functions[position]
