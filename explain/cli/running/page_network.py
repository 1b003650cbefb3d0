"""Tries the network of `mirnet app` before a server starts: whether it loads, and whether the memory suffices."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from explain.app.compute.app_network import NetworkName, about, named
from explain.app.compute.photos import limits_of
from mirnet_packages import ROOT
from model.config import MIRNetConfig
from model.errors import MirnetError

__all__ = ["announce", "available_memory", "needed_memory"]

BASE = 1_000_000_000
"""Bytes that the page takes with a small network: TensorFlow, the board's networks, and what it keeps of photos."""
PER_FEATURE = 800
"""Bytes for each number of a tensor at full resolution: so many tensors are there at once on the fullest page."""
COPIES = 10
"""Of all weights while an engine is made: Keras' own, the graph's constants, and what TensorFlow prepares of them."""
BYTES = 4

TRIAL = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from explain.cli.quiet import quiet_tensorflow; quiet_tensorflow(); "
    "from explain.cli.running.page_network import try_to_load; sys.exit(try_to_load())"
)


def announce() -> None:
    """Says which network the page will show, where it is not the usual one, once it is sure that it can be loaded.

    A process of its own tries: it gives back its memory, and a server need not start for nothing.

    Raises:
        MirnetError: If the network cannot be loaded, or takes more memory than there is.
    """
    name = named()
    known = about(*name)
    if known.is_desk:
        return
    print(f"{known.title}: {known.says}; loading it ...", file=sys.stderr, flush=True)
    needed, free = needed_memory(_parameters(name), known.config), available_memory()
    if free is not None and needed > free:
        raise MirnetError(
            f"the page needs about {needed / 1e9:.1f} GB of memory with this network, and {free / 1e9:.1f} GB are "
            "free: close other programs, or take a smaller network"
        )


def needed_memory(parameters: int, config: MIRNetConfig) -> int:
    """Bytes that the page takes with a network of so many weights, about; measured with all pages opened in a row."""
    height, width = limits_of(config).largest
    return BASE + PER_FEATURE * config.channels * height * width // config.stem**2 + COPIES * BYTES * parameters


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


def try_to_load() -> int:
    """What the process does: prints the number of weights, or what is wrong."""
    from model.zoo import load_network

    try:
        print(load_network(*named())[0].count_params())
    except MirnetError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0


def _parameters(name: NetworkName) -> int:
    command = [sys.executable, "-P", "-c", TRIAL, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode == 2:
        raise MirnetError(done.stderr.strip().splitlines()[-1])
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise MirnetError(f"the network cannot be loaded, perhaps for want of memory ({last})")
    return int(done.stdout.split()[-1])
