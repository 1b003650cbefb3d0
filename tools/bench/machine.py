"""The benchmarked machine: description, peak memory of a process, speed of a matrix product."""

import math
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

__all__ = ["PeakMemory", "cores", "describe", "fastest_product", "matmul_peak"]

LIBRARIES = ("tensorflow", "keras", "numpy")
MATRIX_SIDES = (768, 1536, 2048)
SECONDS_PER_SIDE = 0.7


def describe() -> dict[str, str]:
    """The machine and the software. No names of the machine or its user."""
    return {
        "processor": f"{_processor()}, {cores()} cores",
        "memory": f"{_memory() / 2**30:.0f} GiB",
        "system": f"{_system()}, {platform.machine()}",
        "software": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in LIBRARIES)]
        ),
    }


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def matmul_peak() -> float:
    """The fastest float32 matrix product, in floating-point operations a second.

    With the Keras backend and the cores that the networks use: nothing made of sums of products runs much faster.
    """
    import numpy as np
    from keras import ops

    def product(side: int) -> Callable[[], object]:
        left, right = (ops.convert_to_tensor(np.random.default_rng(k).random((side, side), "float32")) for k in (0, 1))
        return lambda: ops.convert_to_numpy(ops.matmul(left, right)[0, 0])

    return max(fastest_product(product(side), side) for side in MATRIX_SIDES)


def fastest_product(product: Callable[[], object], side: int) -> float:
    """Floating-point operations a second of the fastest of many runs of a product of square matrices.

    Args:
        product: Multiplies them.
        side: Their rows and columns. Small ones have a better chance of a moment without other programs.
    """
    shortest, end = math.inf, time.perf_counter() + SECONDS_PER_SIDE
    while time.perf_counter() < end or math.isinf(shortest):
        start = time.perf_counter()
        product()
        shortest = min(shortest, time.perf_counter() - start)
    return 2 * side**3 / shortest


class PeakMemory:
    """How far the memory of this process rises above what it takes now."""

    def __init__(self):
        # Linux can forget the peak so far. Elsewhere it stays, and a rise below it is not seen.
        self._linux = _forget_peak()
        self._before = _status("VmRSS") if self._linux else _highest()

    def rise(self) -> int:
        """Bytes from the beginning to the peak since then."""
        return max((_status("VmHWM") if self._linux else _highest()) - self._before, 0)


def _forget_peak() -> bool:
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return True
    except OSError:
        return False


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def _highest() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    known = {name.strip(): value.strip() for name, value in fields.items()}
    vectors = "AVX-512" if "avx512f" in known.get("flags", "") else "AVX2" if "avx2" in known.get("flags", "") else ""
    return " ".join(part for part in (known.get("model name", platform.machine()), vectors) if part)


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return 0


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"
