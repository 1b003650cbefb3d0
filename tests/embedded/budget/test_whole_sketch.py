"""What `mirnet fit` says of the whole sketch, beside the figures of a real link of it, part by part."""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from embedded.budget.boards import BOARDS, FRAME_BYTES
from embedded.budget.fit import fit
from embedded.budget.whole_sketch import GROWN_FLASH, GROWN_RAM, WholeSketch
from embedded.codegen.generate import generate
from embedded.cortexm.program import RAM
from embedded.cortexm.run_model import OnBoard
from embedded.models.shipped_models import NANO, model_file

NEAR = 0.05  # a part of the report is at most so far from the link's

# Of the real link: ArduinoCore-mbed 4.6.0, Arduino_OV767X 0.0.2, GCC 12.2 at -O2, with `nano`.
LINKED_FLASH, LINKED_DATA, LINKED_BSS, LINKED_HEAP = 363_388, 4_496, 164_208, 91_904
VECTORS, INTERRUPT_STACK, MAIN_STACK = 512, 1_024, 32_768
EMPTY_FLASH, EMPTY_HEAP, CAMERA_FLASH, CAMERA_HEAP = 95_356, 216_688, 105_196, 175_856
LINKED_ARENA, LINKED_SCRATCH, LINKED_NETWORK = 66_816, 15_504, 252_160  # of the network that was linked


@pytest.fixture(scope="module")
def model() -> bytes:
    return model_file(NANO).read_bytes()


@pytest.fixture(scope="module")
def found(model):
    return fit(model, BOARDS["nano33ble"])


def test_the_record_adds_up():
    static = LINKED_DATA + LINKED_BSS + VECTORS + INTERRUPT_STACK
    assert static + LINKED_HEAP == RAM
    linked = WholeSketch({"arena": LINKED_ARENA, "camera frame": FRAME_BYTES, "kernels": LINKED_SCRATCH})
    assert (linked.static - GROWN_RAM, linked.heap + GROWN_RAM) == (static, LINKED_HEAP)
    assert min(linked.parts.values()) > 0


def test_what_is_around_the_network_is_the_links(found):
    parts, flash = found.sketch.parts, found.lines[1].parts
    assert flash["core, USB and camera"] == CAMERA_FLASH
    assert flash["the sketch around it"] == LINKED_FLASH - CAMERA_FLASH - LINKED_NETWORK + GROWN_FLASH
    core = parts["core and USB"] + parts["main stack"] + parts["interrupts: stack and vectors"]
    assert core == RAM - EMPTY_HEAP
    assert core + parts["camera library"] + parts["camera frame"] == RAM - CAMERA_HEAP
    around = core + parts["camera library"] + parts["the sketch around it"] + parts["camera frame"]
    assert around - GROWN_RAM + LINKED_ARENA + LINKED_SCRATCH + LINKED_HEAP == RAM
    assert fit(found.graph, BOARDS["niclavision"]).sketch is None


@pytest.mark.slow
def test_the_networks_parts_are_the_generated_ones(found, model):
    texts = generate(model)
    sizes = dict(re.findall(r"define (MIRNET_\w+_BYTES) (\d+)", texts["mirnet_network.h"]))
    ram, flash = found.lines[0].parts, found.lines[1].parts
    assert ram["arena"] == int(sizes["MIRNET_ARENA_BYTES"]) and ram["kernels"] == int(sizes["MIRNET_SCRATCH_BYTES"])
    arrays = re.findall(r"const int(8|32)_t (\w+)_\d+\[(\d+)\]", texts["mirnet_weights.h"])
    taken = {"weights": 0, "scales and tables": 0}
    for bits, name, count in arrays:
        part = "weights" if name in ("weights", "bias") else "scales and tables"
        taken[part] += int(bits) // 8 * int(count)
    for part, size in taken.items():
        assert flash[part] == pytest.approx(size, rel=NEAR), part


@pytest.mark.slow
def test_the_report_is_near_the_link(found, model, require):
    """The linked figures with the network's part as it is built now: kernels may be others than when it was linked."""
    require(shutil.which("arm-none-eabi-gcc"), "needs GCC for the board: apt-get install gcc-arm-none-eabi")
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    program = OnBoard(model, "gcc").program
    network = program.ram_bytes - FRAME_BYTES
    assert found.flash == pytest.approx(LINKED_FLASH - LINKED_NETWORK + program.flash_bytes, rel=NEAR)
    assert found.sketch.heap == pytest.approx(LINKED_HEAP + LINKED_ARENA + LINKED_SCRATCH - network, rel=NEAR)
    constants = sum(found.lines[1].parts[name] for name in ("weights", "scales and tables"))
    code = found.lines[1].parts["code of the network"]
    assert code == pytest.approx(program.flash_bytes - constants, rel=NEAR)


def test_the_docs_say_what_the_report_says(found):
    text = (Path(__file__).parents[3] / "docs" / "board.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip(): row for row in text.splitlines() if row.startswith("|")}
    assert f"**{found.flash:,} B** | **{found.sketch.static:,} B** | {found.sketch.heap:,} B" in rows["**the report**"]
    for name in ("weights", "scales and tables", "code of the network"):
        assert f" {found.lines[1].parts[name]:,.0f} B " in rows[name]
    assert f" {found.lines[0].parts['kernels']:,} B " in rows["kernels' scratch memory"]
