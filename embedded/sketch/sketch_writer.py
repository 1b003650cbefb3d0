"""Writes a model as an Arduino sketch: a folder for the Arduino IDE or arduino-cli.

    for name, text in sketch_files(Path("nano.tflite").read_bytes()).items(): ...
    write_sketch(Path("nano.tflite").read_bytes(), Path("mirnet_nano"))

| part | from |
| --- | --- |
| the network and its kernels | `embedded.codegen.generate.generate` |
| the board's own files and the serial link | `embedded/sketch/files/` |
| `mirnet_model.h`, `README.md` and the checksums `mirnet_sketch.sha256` | here |

As a library the same files lie where Arduino libraries have them (`embedded.sketch.arduino_library`).

The same model and name give the same bytes. The board is the Nano 33 BLE Sense; Sense Rev2 differs in its sensors only.
"""

import re
import secrets
import shlex
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from embedded.budget.boards import NANO
from embedded.budget.fit import fit
from embedded.codegen.generate import generate
from embedded.codegen.template import fill, fill_file
from embedded.sketch.arduino_library import as_library
from embedded.tflite.model_hash import hash_of
from model.errors import MirnetError

__all__ = [
    "BOARD",
    "CORE",
    "LIBRARY",
    "MANIFEST",
    "NAME",
    "setup_commands",
    "sketch_files",
    "use_commands",
    "write_sketch",
]

SKETCH = Path(__file__).parent / "files"
NAME = "mirnet_nano"
"""Name of the sketch by default."""

MANIFEST = "mirnet_sketch.sha256"
"""File with the checksums of all other files of a sketch, for `sha256sum -c`."""

CORE, LIBRARY = "arduino:mbed_nano@4.6.0", "Arduino_OV767X@0.0.2"
"""The Arduino core and the camera's library, in the versions that the sketch was compiled against."""

BOARD = "arduino:mbed_nano:nano33ble"
"""arduino-cli's name of the Nano 33 BLE, Sense and Sense Rev2 included."""

FAST = "compiler.c.extra_flags=-O2"
"""Build property: comes after the core's own -Os on the compiler's command line, and the last one counts."""

NAMES = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")  # the Arduino Sketch Specification, "Sketch folders and files"

CLOCK = '#include "board_clock.h" /* what to do before the first operator and after each */\n\n'


def setup_commands(folder: str = NAME, library: bool = False) -> list[str]:
    """Shell commands that compile a sketch, or a library's example, and upload it."""
    example = str(Path(folder, "examples", Path(folder).absolute().name)) if library else folder
    place = shlex.quote(example)
    compiled = f"--library {shlex.quote(folder)} {place}" if library else place
    return [
        f"arduino-cli core install {CORE}",
        f"arduino-cli lib install {LIBRARY}",
        f"arduino-cli compile --fqbn {BOARD} --build-property {FAST} {compiled}",
        f"arduino-cli upload --fqbn {BOARD} --port PORT {place}",
    ]


def use_commands() -> list[str]:
    """Shell commands that use the sketch on the board."""
    return ["mirnet board-test --port PORT", "mirnet view --port PORT"]


def sketch_files(model: bytes, name: str = NAME, library: bool = False) -> dict[str, str]:
    """The files of a sketch.

    Args:
        model: Bytes of a .tflite file of `mirnet quantize`. Whether it fits the board is not checked.
        name: Of the sketch and its folder.
        library: Whether as an Arduino library, with the sketch as its example.

    Returns:
        Path in that folder to text.

    Raises:
        MirnetError: If it is no such file or has an operator that there is no kernel for, or no sketch can have that
            name.
    """
    if not NAMES.fullmatch(name):
        raise MirnetError(
            f"a sketch cannot be called {name!r}: Arduino takes up to 63 letters, digits, '_', '-' and '.', "
            "the first a letter, a digit or '_'"
        )
    files = generate(model)
    files["mirnet_network.c"] = CLOCK + files["mirnet_network.c"]
    for path in sorted(SKETCH.iterdir()):
        if path.suffix in (".c", ".h", ".cpp"):
            files[path.name] = _read(path.name)
    files[f"{name}.ino"] = _read(f"{NAME}.ino")
    digits = ", ".join(f"0x{byte:02x}" for byte in hash_of(model))
    files["mirnet_model.h"] = fill("mirnet_model.h.in", digest=hash_of(model).hex(), digits=digits)
    if library:
        files = as_library(files, name, LIBRARY)
    files["README.md"] = _readme(model, name, library)
    files[MANIFEST] = "".join(f"{sha256(files[each].encode()).hexdigest()}  {each}\n" for each in sorted(files))
    return files


def write_sketch(model: bytes, folder: Path, library: bool = False) -> None:
    """Writes a sketch, whole or not at all; an earlier one of ours is replaced.

    Args:
        model: As for `sketch_files`.
        folder: To write; its name becomes the sketch's.
        library: As for `sketch_files`.

    Raises:
        MirnetError: As `sketch_files`; or if the folder holds other or changed files, or cannot be written.
    """
    folder = folder.absolute()
    files = sketch_files(model, folder.name, library)
    _check_replaceable(folder)
    unfinished, old = (folder.with_name(f".{kind}-{secrets.token_hex(6)}") for kind in ("unfinished", "old"))
    try:
        unfinished.mkdir()
        for name, text in files.items():
            (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
            (unfinished / name).write_bytes(text.encode())
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    except OSError as error:
        raise MirnetError(f"{folder} cannot be written: {error.strerror}; choose another place") from error
    finally:
        if old.exists() and not folder.exists():  # the second renaming failed
            with suppress(OSError):
                old.rename(folder)
        for left in (unfinished, old):
            shutil.rmtree(left, ignore_errors=True)


def _check_replaceable(folder: Path) -> None:
    """Raises unless a folder is missing, empty, or a sketch of ours as it was written."""
    if not folder.parent.is_dir():
        raise MirnetError(f"{folder.parent} is no folder: make it first, or choose another place for the sketch")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise MirnetError(f"{folder} is there and is no folder: choose another place for the sketch")
    top = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if not top:
        return
    known = _known(folder / MANIFEST)
    if not known:
        raise MirnetError(f"{folder} holds other things than a sketch of mirnet ({_some(top)}): choose a new folder")
    inside = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    present = {path.relative_to(folder).as_posix(): path for path in inside}
    strange = {name for name, path in present.items() if name != MANIFEST and not _is(path, known.get(name))}
    if strange:
        raise MirnetError(
            f"{folder} holds files that were added or changed by hand ({_some(strange)}): move them away, or choose a "
            "new folder"
        )


def _known(manifest: Path) -> dict[str, str]:
    """File name to checksum, as an earlier sketch has them; empty if it is none of ours."""
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError):
        return {}


def _is(path: Path, digest: str | None) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == digest


def _some(names: set[str]) -> str:
    first = sorted(names)[:3]
    return ", ".join(first) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _read(name: str) -> str:
    return (SKETCH / name).read_text(encoding="utf-8")


def _readme(model: bytes, name: str, library: bool) -> str:
    found = fit(model, NANO)
    ram = found.lines[0].parts
    values = {
        "name": name,
        "sha256": sha256(model).hexdigest(),
        "hash": hash_of(model).hex(),
        "kind": f"an Arduino library, with a sketch in `examples/{name}`" if library else "a sketch",
        "commands": "\n".join(setup_commands(name, library)),
        "use": "\n".join(use_commands()),
        "manifest": MANIFEST,
        "operators": len(found.works),
        "arena": f"{ram['arena']:,.0f}",
        "frame": f"{ram['camera frame']:,.0f}",
        "kernels": f"{ram['kernels']:,.0f}",
        "ram": f"{found.ram:,}",
        "flash": f"{found.flash:,}",
        "seconds": f"{found.seconds:.1f}",
    }
    return fill_file(SKETCH / "folder.md", values)
