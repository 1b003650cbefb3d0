"""A small network of the board's style, quantized once for all tests, whichever of their processes comes first."""

import os
import pickle

import pytest

from embedded.quantize.quantize import Quantized, quantize
from explain.analysis.camera_frames import dark_frames
from model.config import MIRNetConfig
from model.mirnet import MIRNet
from model.safety.whole_files import write_whole
from model.zoo import seed_weights

__all__ = ["SMALL", "small_board"]

SMALL = MIRNetConfig(channels=4, groups=1, blocks=1, style="board", stem=10, companding=63.0)
"""Whole, but quick: three streams, both attentions, and a stem of 10, so 12 x 16 positions."""


def small_board(folders: pytest.TempPathFactory) -> tuple[MIRNet, Quantized]:
    """The network, and what `quantize` makes of it, which takes a dozen seconds."""
    net = MIRNet(SMALL)
    seed_weights(net, seed=3)
    shared = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of all processes of this run
    kept = shared / "small_board.pickle"
    if not kept.exists():
        write_whole(kept, pickle.dumps(quantize(net, dark_frames(None, None, 8))))
    return net, pickle.loads(kept.read_bytes())
