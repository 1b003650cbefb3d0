"""Which network the page is about: named by `mirnet app`, tried before a server starts, told to its processes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from explain.app.network_name import DESK, PRESET_VARIABLE, WEIGHTS_VARIABLE, named
from mirnet_packages import ROOT
from model.errors import MirnetError
from model.zoo import find_network

__all__ = ["announce", "available_memory", "environment"]

TRIAL = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from explain.cli.quiet import quiet_tensorflow; quiet_tensorflow(); "
    "from explain.app.network_trial import try_to_load; sys.exit(try_to_load())"
)
"""Prints how many bytes the page needs, or one line on what is wrong; it gives back its memory at the end."""


def environment(size: str | None, weights: str | None) -> dict[str, str]:
    """What `named` reads in the processes that serve the page; an option that is not given leaves the variable."""
    found = {PRESET_VARIABLE: size, WEIGHTS_VARIABLE: weights}
    return {name: value for name, value in found.items() if value is not None}


def announce() -> None:
    """Says which network the page will show, where it is not the usual one, once it is sure that it can be loaded.

    Raises:
        MirnetError: If the network cannot be loaded, or takes more memory than there is.
    """
    name = named()
    if name == (DESK, None):
        return
    config, source = find_network(*name)
    says = f"random weights: {config.shape_in_words}" if source is None else source.says
    print(f"{says}; loading it ...", file=sys.stderr, flush=True)
    needed, free = _needed(), available_memory()
    if free is not None and needed > free:
        raise MirnetError(
            f"the page needs about {needed / 1e9:.1f} GB of memory with this network, and {free / 1e9:.1f} GB are "
            "free: close other programs, or take a smaller network"
        )


def available_memory(read: Callable[[str], str] | None = None) -> int | None:
    """Bytes that this machine, or the container around us, has to give; None where that is not known.

    Args:
        read: Gives the content of a file, or raises OSError.
    """
    read = read or (lambda path: Path(path).read_text(encoding="ascii"))
    found = []
    try:
        lines = dict(line.split(":", 1) for line in read("/proc/meminfo").splitlines())
        found.append(1024 * int(lines["MemAvailable"].split()[0]))
    except (OSError, KeyError, ValueError):
        pass
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            found.append(int(read(f"/sys/fs/cgroup/{limit}")) - int(read(f"/sys/fs/cgroup/{used}")))
        except (OSError, ValueError):  # `max`: no limit
            continue
    return min(found) if found else None


def _needed() -> int:
    """Bytes that the page needs with the network, from a process that loads it."""
    command = [sys.executable, "-P", "-c", TRIAL, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    if done.returncode == 2:
        raise MirnetError(last)
    if done.returncode:
        raise MirnetError(f"the network cannot be loaded, perhaps for want of memory ({last})")
    return int(done.stdout.split()[-1])
