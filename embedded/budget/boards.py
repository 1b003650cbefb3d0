"""Limits of the boards for a sketch, and the source of each figure.

```python
board = board_of("nano33ble")
board.ram.value   # 180224 bytes for arena, camera frame and kernels
board.ram.source  # why so many
```

A **limit** is smaller than what the data sheet prints: a boot loader sits in the flash, and in the RAM the operating
system, the USB connection, the stack and the heap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from embedded.budget.estimate import Estimate, exactly
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS

__all__ = ["BOARDS", "FRAME_BYTES", "BoardLimits", "Figure", "board_of"]

FRAME_BYTES = ROWS * COLUMNS * 2
"""A camera frame of 160 x 120 pixels, two bytes each in YUV 4:2:2 and in RGB565: 38,400."""

CORE = "https://github.com/arduino/ArduinoCore-mbed/blob/b4ad4e7218a691989acf6c4479112eae183a5a50/boards.txt"
NRF52840 = "https://docs.nordicsemi.com/bundle/ps_nrf52840/page/keyfeatures_html5.html"
NICLA_VISION = "https://docs.arduino.cc/resources/datasheets/ABX00051-datasheet.pdf"
CMSIS_NN = "https://arxiv.org/abs/1801.06601"


@dataclass(frozen=True)
class Figure:
    """A figure and its source.

    Attributes:
        value: Bytes, seconds, Hz or cycles.
        source: Why it is so much.
        url: Where to read on; empty for what was measured or decided here.
    """

    value: float
    source: str
    url: str = ""


@dataclass(frozen=True)
class BoardLimits:
    """A board, and the limits that a network is held against.

    Attributes:
        name: As given on the command line.
        title: As its maker calls it.
        processor: Chip and core.
        clock_hz: Cycles a second.
        cycles_per_instruction: A guess for code that mostly loads, multiplies and adds; None for the Cortex-M4, whose
            cycles `embedded.cortexm.timing` models.
        flash: Limit in bytes for code and constants.
        sketch_flash: Bytes of flash that the build takes at most.
        ram: Limit in bytes for the arena, the camera frame and what kernels need for themselves.
        free_ram: Bytes of RAM left by the core, USB and the main stack, for all of that and the heap.
        seconds: Limit for one picture.
    """

    name: str
    title: str
    processor: str
    clock_hz: Figure
    cycles_per_instruction: Figure | None
    flash: Figure
    sketch_flash: Figure
    ram: Figure
    free_ram: Figure
    seconds: Figure

    def time(self, instructions: float, cycles: Estimate) -> Estimate:
        """Seconds of code: by its cycles on a Cortex-M4, or by the guess where the processor is another."""
        guess = self.cycles_per_instruction
        return (cycles if guess is None else exactly(instructions * guess.value)) / self.clock_hz.value

    @property
    def timing(self) -> str:
        """What an estimate of time rests on, for people."""
        guess = self.cycles_per_instruction
        if guess is None:
            return "lowest, likely and highest by the manual of the Cortex-M4 and the wait states of the flash"
        return f"a guess of {guess.value:g} cycles an instruction ({guess.source})"


NANO = BoardLimits(
    name="nano33ble",
    title="Arduino Nano 33 BLE Sense",
    processor="nRF52840, Cortex-M4F",
    clock_hz=Figure(64e6, "product specification of the nRF52840", NRF52840),
    cycles_per_instruction=None,
    flash=Figure(600 * 1024, "our target: 600 KB"),
    sketch_flash=Figure(983_040, "upload.maximum_size of the Mbed core: 1 MB less the boot loader", CORE),
    ram=Figure(176 * 1024, "our target: 176 KB, which leaves 36,464 B for heap, camera library and sketch"),
    free_ram=Figure(216_688, "left by the link of an empty sketch: 262,144 B less core, USB and main stack", NRF52840),
    seconds=Figure(4.0, "our target"),
)

NICLA = BoardLimits(
    name="niclavision",
    title="Arduino Nicla Vision",
    processor="STM32H757, Cortex-M7",
    clock_hz=Figure(480e6, "data sheet of the Nicla Vision", NICLA_VISION),
    cycles_per_instruction=Figure(
        0.75,
        "two instructions start in a cycle where they do not wait for each other. CMSIS-NN's authors "
        "measured 1.7 cycles a MAC on a Cortex-M7; their kernels are 3.5 instructions a MAC, so 0.5 at best",
        CMSIS_NN,
    ),
    flash=Figure(1_966_080, "upload.maximum_size of the Mbed core with all flash for the Cortex-M7", CORE),
    sketch_flash=Figure(1_966_080, "upload.maximum_size of the Mbed core with all flash for the Cortex-M7", CORE),
    ram=Figure(441_704, "what remains, less 36,464 B as on the Nano"),
    free_ram=Figure(478_168, "upload.maximum_data_size, 523,624 B, less as much for core and USB as on the Nano", CORE),
    seconds=Figure(4.0, "our target, as for the Nano"),
)

BOARDS: Mapping[str, BoardLimits] = {board.name: board for board in (NANO, NICLA)}
"""All boards by name; the first is the one that the project is made for."""


def board_of(name: str) -> BoardLimits:
    """The board of a name.

    Raises:
        MirnetError: If there is none, with the nearest name.
    """
    if name not in BOARDS:
        near = get_close_matches(name, list(BOARDS), n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise MirnetError(f"unknown board {name!r}; there are {', '.join(BOARDS)}{hint}")
    return BOARDS[name]
