"""Loads the page's network in a process of its own, before a server starts for nothing: `mirnet app` runs it."""

import sys

from explain.app.compute.photos import limits_of
from explain.app.network_name import named
from model.config import MIRNetConfig
from model.errors import MirnetError
from model.zoo import load_network

__all__ = ["needed_memory", "try_to_load"]

BASE = 1_100_000_000
"""Bytes that the page takes with a small network: TensorFlow, the board's networks, and what it keeps of photos."""
PER_FEATURE = 800
"""Bytes for each number of a tensor at full resolution: so many tensors are there at once on the fullest page."""
COPIES = 10
"""Of all weights while an engine is made: Keras' own, the graph's constants, and what TensorFlow prepares of them."""
BYTES = 4


def needed_memory(parameters: int, config: MIRNetConfig) -> int:
    """Bytes that the page takes with a network of so many weights, about; measured with all pages opened in a row."""
    short, long = limits_of(config).largest
    return BASE + PER_FEATURE * config.channels * short * long // config.stem**2 + COPIES * BYTES * parameters


def try_to_load() -> int:
    """Prints how many bytes the page needs, or what is wrong; gives the exit code."""
    try:
        net, _ = load_network(*named())
    except MirnetError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    print(needed_memory(net.count_params(), net.config))
    return 0
