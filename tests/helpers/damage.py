"""Files damaged as files get damaged, the same ones for the same number.

The tests take 200 of each kind. With `MIRNET_MUTATIONS=0:10000` they take the files of these numbers instead, which is
an hour's work; `5000:7500` is a part of them.
"""

import os

import numpy as np

__all__ = ["SEEDS", "mutated"]

SEEDS = range(*map(int, os.environ.get("MIRNET_MUTATIONS", "0:200").split(":")))
"""The numbers of the damaged files that a test makes."""


def mutated(content: bytes, seed: int) -> bytes:
    """The same bytes, damaged in one of the ways in which files are."""
    rng = np.random.default_rng(seed)
    start, end = sorted(int(place) for place in rng.integers(0, len(content) + 1, 2))
    near = min(len(content), start + int(rng.integers(1, 64)))
    at_an_end = int(rng.integers(0, 400)) % len(content)  # headers are there, and directories
    at = [int(rng.integers(0, len(content))), at_an_end, len(content) - 1 - at_an_end][seed // 8 % 3]
    match seed % 8:
        case 0 | 1:
            return content[:at] + bytes([content[at] ^ 1 << int(rng.integers(0, 8))]) + content[at + 1 :]
        case 2:
            return content[:at] + rng.bytes(int(rng.integers(1, 9))) + content[at + 8 :]
        case 3:
            return content[:end]
        case 4:
            return content[:start] + content[near:]
        case 5:
            return content[:start] + bytes(near - start) + content[near:]
        case 6:
            return content[:at] + b"\xff" * 8 + content[at + 8 :]
        case _:
            return content[:start] + rng.bytes(16) + content[start:]
