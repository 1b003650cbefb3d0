"""The whole sketch on the Nano, network and all that is around it: what a real link of it took, part by part.

The Mbed core was linked three times, with `platform.txt`'s own lines at -O2 (ArduinoCore-mbed 4.6.0, commit b4ad4e7,
its libmbed compiled from the sources; Arduino_OV767X 0.0.2; GCC 12.2): an empty sketch with `Serial`, one with the
camera alone, and ours with `nano`. From their differences comes what each part takes, to the byte.

```python
sketch = WholeSketch({"arena": 66_816, "camera frame": 38_400, "kernels": 15_504})
sketch.static  # bytes of RAM that the linker places
sketch.heap    # bytes that are left for the heap
```
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CAMERA_FLASH", "CORE_FLASH", "RECORDED", "SKETCH_FLASH", "LinkFigures", "WholeSketch"]


@dataclass(frozen=True)
class LinkFigures:
    """What one link took.

    Attributes:
        flash: Bytes of code, constants and initial values of variables.
        heap: Bytes of RAM left for the heap.
    """

    flash: int
    heap: int


CHIP_RAM = 256 * 1024
EMPTY = LinkFigures(95_356, 216_688)
CAMERA = LinkFigures(105_196, 175_856)
RECORDED = LinkFigures(363_388, 91_904)
"""Ours with `nano`; before it one with the camera alone and its frame, and an empty sketch with `Serial`."""

# What the network took of `RECORDED`: the same C, built for the emulated board.
NETWORK_FLASH = 252_160
NETWORK_RAM = 66_816 + 15_504  # arena, and scratch memory of the kernels
FRAME = 38_400

GROWN_FLASH, GROWN_RAM = 3_145, 36
"""What the sketch's own files have grown by since that link, mostly by the self-test: their objects compared, compiled
with `platform.txt`'s lines for the same core."""

VECTORS, INTERRUPT_STACK, MAIN_STACK = 512, 1_024, 32_768
"""Bytes of RAM that the Mbed core sets aside by its linker script and its configuration."""

CORE_FLASH = EMPTY.flash
CAMERA_FLASH = CAMERA.flash - EMPTY.flash
SKETCH_FLASH = RECORDED.flash - CAMERA.flash - NETWORK_FLASH + GROWN_FLASH
"""Flash of the Mbed core with USB, of the camera's library, and of the sketch's own code."""

CORE_RAM = CHIP_RAM - EMPTY.heap - VECTORS - INTERRUPT_STACK - MAIN_STACK
CAMERA_RAM = EMPTY.heap - CAMERA.heap - FRAME
SKETCH_RAM = CAMERA.heap - RECORDED.heap - NETWORK_RAM + GROWN_RAM
"""RAM of their variables."""


@dataclass(frozen=True)
class WholeSketch:
    """RAM of the whole sketch on the Nano.

    Attributes:
        network: Bytes of arena, camera frame and kernels, by name.
    """

    network: Mapping[str, float]

    @property
    def parts(self) -> dict[str, int]:
        """Bytes that the linker places, by what they are for."""
        around = {
            "the sketch around it": SKETCH_RAM,
            "camera library": CAMERA_RAM,
            "core and USB": CORE_RAM,
            "main stack": MAIN_STACK,
            "interrupts: stack and vectors": INTERRUPT_STACK + VECTORS,
        }
        return {name: int(size) for name, size in self.network.items()} | around

    @property
    def static(self) -> int:
        """Bytes that the linker places."""
        return sum(self.parts.values())

    @property
    def heap(self) -> int:
        """Bytes left for the heap; below 0 it does not link."""
        return CHIP_RAM - self.static
