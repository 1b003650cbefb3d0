"""The WebAssembly of the shipped model, which lies in the package: a page needs no compiler.

| file | frames | |
| --- | --- | --- |
| `nano.wasm` | 160 × 120 | for every browser with WebAssembly |
| `nano.simd.wasm` | 160 × 120 | with SIMD |
| `nano.large.simd.wasm` | 480 × 360 | with SIMD; the same weights |

`python -m embedded.wasm.shipped_wasm` makes them anew, with `shipped.json`: their hashes, that of the model, and the
compiler. To be run after each change of the generated C, of a kernel, or of the model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from embedded.models.shipped_models import NANO, model_file
from embedded.tflite.enlarge import enlarged
from embedded.wasm.wasm_build import build_wasm, wasm_compiler
from model.errors import MirnetError
from model.images.camera_formats import COLUMNS, ROWS
from model.safety.whole_files import check_shipped, write_whole

__all__ = ["BUILDS", "LARGE", "TIMES", "Build", "build_all", "shipped_note", "shipped_wasm"]

FOLDER = Path(__file__).parent / "shipped"
NOTE = "shipped.json"

TIMES = 3
LARGE = (TIMES * ROWS, TIMES * COLUMNS)
"""Rows and columns of the larger frame: three times the camera's."""


@dataclass(frozen=True)
class Build:
    """One way to compile a model.

    Attributes:
        ending: Of the file, after the model's name.
        simd: Whether with SIMD.
        size: Rows and columns of a frame.
    """

    ending: str
    simd: bool
    size: tuple[int, int]


BUILDS = (
    Build("wasm", False, (ROWS, COLUMNS)),
    Build("simd.wasm", True, (ROWS, COLUMNS)),
    Build("large.simd.wasm", True, LARGE),
)


def build_all(model: bytes) -> dict[str, bytes]:
    """All builds of a model: ending to the file's content.

    Raises:
        MirnetError: If there is no compiler, or the model cannot be compiled.
    """
    models = {(ROWS, COLUMNS): model, LARGE: enlarged(model, TIMES)}
    return {build.ending: build_wasm(models[build.size], build.simd, build.size) for build in BUILDS}


def shipped_note() -> Mapping:
    """What is known of the shipped files: `model` (SHA-256), `compiler`, and `files`, name to SHA-256."""
    return json.loads((FOLDER / NOTE).read_text(encoding="utf-8"))


def shipped_wasm() -> dict[str, bytes]:
    """The builds of the shipped model: ending to the file's content.

    Raises:
        MirnetError: If one is missing or damaged.
    """
    hashes = shipped_note()["files"]
    names = {build.ending: f"{NANO}.{build.ending}" for build in BUILDS}
    return {
        ending: check_shipped(FOLDER / name, hashes.get(name, ""), MirnetError).read_bytes()
        for ending, name in names.items()
    }


def ship() -> None:
    """Makes the shipped files anew."""
    model = model_file(NANO).read_bytes()
    FOLDER.mkdir(exist_ok=True)
    hashes = {}
    for ending, content in build_all(model).items():
        name = f"{NANO}.{ending}"
        write_whole(FOLDER / name, content)
        hashes[name] = sha256(content).hexdigest()
        print(f"{name}: {len(content):,} bytes, sha256 {hashes[name]}")
    note = {"model": sha256(model).hexdigest(), "compiler": wasm_compiler(), "files": hashes}
    write_whole(FOLDER / NOTE, json.dumps(note, indent=1) + "\n")


if __name__ == "__main__":
    ship()
