"""Cortex-M4 board on QEMU: the calls of `embedded.cortexm.unicorn_board`, to compare with.

```python
board = QemuBoard(program)
board.write("frame", camera_bytes)
board.call("run", board.address("frame")).instructions  # to within 10
```

It needs `qemu-system-arm`. QEMU's board (mps2-an386) has more memory than the Nano, and lets a program write to flash:
only `embedded.cortexm.unicorn_board` enforces the memory map. Instructions are counted by a timer that
ticks once in five of them, so to within a few.
"""

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from embedded.cortexm.c_call import BoardError, Run, argument_words, peak_stack, signed, stack_pattern
from embedded.cortexm.program import OUTBOX, OUTBOX_START, RAM_START, Program, Segment
from model.errors import MirnetError

__all__ = ["QemuBoard"]

COMMAND = "qemu-system-arm"
# With icount, each instruction takes 2³ = 8 ns of the emulated time.
MACHINE = ["-M", "mps2-an386", "-cpu", "cortex-m4", "-icount", "shift=3"]
QUIET = ["-display", "none", "-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native"]
PER_TICK = 5  # the timer runs at 25 MHz, 40 ns
HARNESS = 20  # instructions of the harness between the two readings of the timer
SECONDS = 600  # until a call is given up: some 10¹⁰ instructions

CALL = struct.Struct("<12I")  # struct call in startup/start.c
RETURNED = 1  # its `state` after a return
FAULTS = {  # bits of the Configurable Fault Status Register (ARMv7-M Architecture Reference Manual, B3.2.15)
    24: "several words or a float accessed at an address that is no multiple of 4",
    17: "a jump to an even address, where no Thumb code can be",
    16: "an instruction that the Cortex-M4 does not have",
    15: "an access to {address:#x}, where there is no memory",
    0: "a jump to where no code can be",
}
ELF_HEADER = struct.Struct("<16s2H5I6H")
PROGRAM_HEADER = struct.Struct("<8I")


class QemuBoard:
    """A program on QEMU's board.

    Args:
        program: From `embedded.cortexm.toolchain.build`.

    Raises:
        MirnetError: If QEMU is missing.
    """

    def __init__(self, program: Program):
        command = shutil.which(COMMAND)
        if command is None:
            raise MirnetError(f"{COMMAND} is not on the PATH: install it (Debian: apt-get install qemu-system-arm)")
        self.program = program
        self._command = command
        self._ram = bytearray()
        self._outbox = b""
        self.reset()

    def reset(self) -> None:
        """Resets the RAM as at power-on: variables as initialized, the others zero."""
        self._ram = bytearray(self.program.ram)
        self._outbox = bytes(OUTBOX)
        for segment in self.program.board_segments:
            if segment.address >= RAM_START:
                self.write(segment.address, segment.content)

    def address(self, name: str) -> int:
        """The address of a function or variable; see `Program.address`."""
        return self.program.address(name)

    def write(self, place: str | int, data: bytes) -> None:
        """Writes bytes to a variable or an address in RAM; for errors see `Program.locate`."""
        start = self.program.locate(place, len(data), writing=True) - RAM_START
        self._ram[start : start + len(data)] = data

    def read(self, place: str | int, size: int) -> bytes:
        """Reads bytes of a variable or from an address; for errors see `Program.locate`."""
        start = self.program.locate(place, size, writing=False)
        if OUTBOX_START <= start < RAM_START:
            return self._outbox[start - OUTBOX_START :][:size]
        if start < RAM_START:
            return self.program.code(start, size).ljust(size, b"\xff")  # as erased flash
        return bytes(self._ram[start - RAM_START :][:size])

    def call(self, function: str, *arguments: int, seconds: float = SECONDS) -> Run:
        """Calls a C function and runs to its return.

        Args:
            function: Its name.
            *arguments: Up to four integers or addresses, of up to 32 bits.
            seconds: After which it counts as endless.

        Returns:
            Result and counts, without those by function and by step, and without what was written.

        Raises:
            BoardError: If it faults or does not come back. The memory stays as it was before.
            MirnetError: If there is no such function, or an argument does not fit.
        """
        entry, words = self.program.entry(function), argument_words(arguments)
        pattern = stack_pattern(self.program.stack)
        self.write(RAM_START, pattern)
        call = CALL.pack(entry | 1, *words, *[0] * (4 - len(words)), len(self._ram), *[0] * 6)
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "image.elf").write_bytes(self._image(call))
            output = self._run(root, function, seconds)
            try:
                ram, outbox, call = ((root / f"{name}.bin").read_bytes() for name in ("ram", "outbox", "call"))
            except OSError:
                text = " ".join(output.split())[:300] or "it said nothing"
                raise BoardError(f"{function} stopped QEMU: {text}") from None
        *_, result, ticks, state, place, status, address = CALL.unpack(call)
        if state != RETURNED:
            reason = next((text for bit, text in FAULTS.items() if status >> bit & 1), f"fault status {status:#x}")
            raise BoardError(f"a fault at {self.program.place(place)}: {reason.format(address=address)}")
        self._ram[:], self._outbox = ram, outbox
        instructions = max(0, ticks * PER_TICK - HARNESS)
        return Run(signed(result), instructions, peak_stack(pattern, self.read(RAM_START, len(pattern))))

    def _run(self, root: Path, function: str, seconds: float) -> str:
        command = [self._command, *MACHINE, *QUIET, "-kernel", "image.elf"]
        try:
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BoardError(
                f"{function} has not returned after {seconds:g} seconds: an endless loop, or it needs more `seconds`"
            ) from None
        return done.stderr

    def _image(self, call: bytes) -> bytes:
        """An ELF file of the memory as it is now, with the call to make."""
        segments = [each for each in self.program.segments if each.address < RAM_START]
        place = self.address("board_call")
        for index, each in enumerate(segments):
            if each.address <= place < each.address + each.size:
                before, after = each.content[: place - each.address], each.content[place - each.address + len(call) :]
                segments[index] = Segment(each.address, each.address, before + call + after, each.size)
        return _elf([*segments, Segment(RAM_START, RAM_START, bytes(self._ram), len(self._ram))])


def _elf(segments: Sequence[Segment]) -> bytes:
    """A minimal ELF file for ARM with these segments (ELF specification, figures 1-3 and 2-1)."""
    at = ELF_HEADER.size + PROGRAM_HEADER.size * len(segments)
    identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")  # 32 bits, little-endian, version 1
    headers, contents = b"", b""
    for segment in segments:
        length = len(segment.content)
        place = at + len(contents)
        headers += PROGRAM_HEADER.pack(1, place, segment.address, segment.address, length, segment.size, 7, 4)
        contents += segment.content
    counts = (ELF_HEADER.size, PROGRAM_HEADER.size, len(segments), 0, 0, 0)
    return ELF_HEADER.pack(identity, 2, 40, 1, 0, ELF_HEADER.size, 0, 0, *counts) + headers + contents
