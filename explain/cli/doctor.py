"""Checks of `mirnet doctor`: our own packages, the libraries they need, and optional tools.

Libraries are tried in processes of their own: one that is broken so badly that it ends Python (TensorFlow on a
processor without AVX, for example) is then a row of the table and not the end of it.
"""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from mirnet_packages import PACKAGES, ROOT, complaint, found_at, strangers

OK, MISSING, BROKEN = "ok", "missing", "broken"
PROBE_TIMEOUT_S = 120  # TensorFlow's first import from a cold disk can take half a minute
SUPPORTED = ((3, 11), (3, 13))  # the same as requires-python in pyproject.toml
SAMPLE_SUFFIXES = {".webp", ".png", ".jpg"}


@dataclass(frozen=True)
class Finding:
    """One row: `name` is `state`; `text` says what was found, or what a missing piece would give and how to get it."""

    name: str
    state: str
    text: str
    required: bool = True

    @property
    def is_fault(self) -> bool:
        """Whether the project does not work because of this."""
        return self.required and self.state != OK


# Libraries that are imported and made to do something; the rest is looked up. What each prints is shown.
PROBES = {
    "keras": "import keras; keras.ops.sum(keras.ops.ones(2)); print('backend', keras.backend.backend())",
    "tensorflow": "import tensorflow as tf; float(tf.reduce_sum(tf.ones(2))); print('imports and adds')",
    "streamlit": "import streamlit; print('imports')",
    "matplotlib": "from matplotlib.figure import Figure; print('imports')",
    "tflite-runtime": "from embedded.tflite.runtime import self_check; print('invokes:', self_check())",
    "ai-edge-litert": "from embedded.tflite.runtime import self_check; print('invokes:', self_check())",
}

# Distribution on PyPI -> what it would give.
EXTRAS = {
    "torch": "reads the authors' weights from .pth files",
    "safetensors": "reads the authors' weights from .safetensors files",
    "pi-heif": "reads HEIC photos, as iPhones make them",
    "tf2onnx": "writes networks as ONNX: mirnet export",
    "jupyterlab": "the lessons as notebooks: mirnet lessons",
    "playwright": "the tests that drive the page in a browser",
}
BOARD_EXTRAS = {
    "tflite-micro": "a second opinion on what the board computes",
    "ziglang": "compiles C for the board without a system compiler: mirnet board",
    "unicorn": "runs that C on an emulated Cortex-M4: mirnet board",
    "capstone": "reads the instructions of that C, to count cycles: mirnet board",
    "pyserial": "talks to the board over USB: mirnet view, mirnet board-test",
}


@dataclass(frozen=True)
class Tool:
    """A program that is not a Python package: the commands it may go by, what it would give, and how to get it."""

    commands: tuple[str, ...]
    gives: str
    install: str
    version_option: str = "--version"


TOOLS = (
    Tool(("chromium", "google-chrome"), "the tests that drive the page", "apt-get install chromium"),
    Tool(("nginx", "/usr/sbin/nginx"), "the page for a class: mirnet app --workers", "apt-get install nginx", "-v"),
    Tool(("bwrap",), "the sandbox in which mirnet lessons --grade runs notebooks", "apt-get install bubblewrap"),
)
BOARD_TOOLS = (
    Tool(("arm-none-eabi-gcc",), "compiles C for the board's Cortex-M4", "apt-get install gcc-arm-none-eabi"),
    Tool(("qemu-system-arm",), "runs that C on an emulated board", "apt-get install qemu-system-arm"),
    Tool(
        ("arduino-cli",),
        "builds and uploads the board's sketch",
        "see Installation on arduino.github.io/arduino-cli",
        "version",
    ),
)


def ours() -> Iterator[Finding]:
    """Our four packages: does each name lead to us?"""
    others = strangers()
    for name in PACKAGES:
        if name in others:
            yield Finding(name, BROKEN, complaint(name, others[name]))
        else:
            yield Finding(name, OK, str(found_at(name)))


def machine() -> Iterator[Finding]:
    """Python and the system it runs on."""
    version = sys.version_info[:2]
    supported = SUPPORTED[0] <= version <= SUPPORTED[1]
    advice = "" if supported else "; supported are 3.11, 3.12 and 3.13"
    yield Finding("Python", OK if supported else BROKEN, f"{platform.python_version()} at {sys.executable}{advice}")
    yield Finding("system", OK, f"{platform.platform()}, {os.cpu_count()} cores")


def libraries() -> list[Finding]:
    """The packages that ours require here, by the requirements of the installed distribution."""
    try:
        declared = [Requirement(line) for line in metadata.requires("mirnet-explainer") or ()]
    except metadata.PackageNotFoundError:
        return [Finding("mirnet-explainer", BROKEN, "not installed: pip install -e . in the project's folder")]
    here: dict[str, Requirement] = {}
    for need in declared:
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            known = here.setdefault(need.name, need)
            known.specifier &= need.specifier
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(_library, here.values()))


def _library(need: Requirement) -> Finding:
    wanted = f"{need.name}{need.specifier}"
    try:
        version = metadata.version(need.name)
    except metadata.PackageNotFoundError:
        return Finding(need.name, MISSING, f"required: pip install '{wanted}'")
    if not need.specifier.contains(version, prereleases=True):
        return Finding(need.name, BROKEN, f"{version} does not fit: pip install '{wanted}'")
    if need.name not in PROBES:
        return Finding(need.name, OK, version)
    state, said = probe(PROBES[need.name])
    advice = "" if state == OK else f"; pip install --force-reinstall '{wanted}'"
    return Finding(need.name, state, f"{version}, {said}{advice}")


def probe(code: str) -> tuple[str, str]:
    """Run Python code in a process of its own: its state, and the last line that it said."""
    # Our folder goes first, so that `embedded` is ours even where another one shadows it.
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", program],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_TIMEOUT_S,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return BROKEN, f"did not answer within {PROBE_TIMEOUT_S} seconds"
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        return BROKEN, f"ends Python with {name} (TensorFlow needs a processor with AVX)"
    state = OK if done.returncode == 0 else BROKEN
    return state, _last_line(done.stdout if state == OK else done.stderr)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "(said nothing)"


def shipped() -> Iterator[Finding]:
    """What comes with the package beside code: weights and sample photos."""
    files = [path for path in (ROOT / "model").rglob("*") if path.is_file()]
    if "model" not in strangers():  # another's package of that name is not to be run
        yield from weights()
    samples = [path for path in files if path.parent.name == "samples" and path.suffix in SAMPLE_SUFFIXES]
    if samples:
        yield Finding("samples", OK, f"{len(samples)} pictures in {samples[0].parent}")
    else:
        yield Finding("samples", MISSING, "no sample photos: install the package again")


def weights() -> Iterator[Finding]:
    """The trained weights, each as it should be or not."""
    from model.errors import WeightsError
    from model.weights.shipped_weights import SHIPPED

    for each in SHIPPED.values():
        try:
            each.checked()
            yield Finding(f"weights {each.name}", OK, each.says)
        except WeightsError as error:
            yield Finding(f"weights {each.name}", BROKEN, str(error))


def extras(wanted: dict[str, str]) -> Iterator[Finding]:
    """Python packages that would give more."""
    for name, gives in wanted.items():
        try:
            yield Finding(name, OK, f"{metadata.version(name)}: {gives}", required=False)
        except metadata.PackageNotFoundError:
            yield Finding(name, MISSING, f"would give: {gives} (pip install {name})", required=False)


def tools(wanted: tuple[Tool, ...]) -> Iterator[Finding]:
    """Programs that would give more."""
    for tool in wanted:
        path = next(filter(None, map(shutil.which, tool.commands)), None)
        if path is None:
            yield Finding(tool.commands[0], MISSING, f"would give: {tool.gives} ({tool.install})", required=False)
        else:
            version = program_version(path, tool.version_option)
            yield Finding(Path(path).name, OK, f"{version}: {tool.gives}", required=False)


def program_version(path: str, option: str) -> str:
    """The version that a program states, or why it states none."""
    try:
        done = subprocess.run([path, option], capture_output=True, text=True, errors="replace", timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run ({type(error).__name__})"
    number = re.search(r"\d+\.\d+[\w.]*", done.stdout)
    return number.group() if number else _last_line(done.stdout + done.stderr)


def examine() -> dict[str, list[Finding]]:
    """Look at everything: headings to findings."""
    return {
        "This machine": list(machine()),
        "MIRNet Explainer": [*ours(), *shipped()],
        "Libraries it needs": libraries(),
        "Would give more": [*extras(EXTRAS), *tools(TOOLS)],
        "For the board": [*extras(BOARD_EXTRAS), *tools(BOARD_TOOLS)],
    }
