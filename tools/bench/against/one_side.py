"""One side of the bench `against`: a process with the code of one checkout, which runs a task whenever it is told to.

Started as a script by `tools.bench.against.two_checkouts`, with the checkout first on Python's path. It uses nothing of
it but what older ones have too: `MIRNet`, `enhance`, and a training step.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

STEPS = 20
"""Training steps whose losses are compared."""


def _serve(settings: dict[str, Any]) -> None:
    """Answers each line of the standard input: seconds by clock and processor, or at the end bytes of memory."""
    if settings.get("ours"):
        from model.safety.keras_settings import prefer_onednn

        prefer_onednn()  # as the commands do
    from machine import PeakMemory  # tools/bench/machine.py of this checkout, whatever the other one has

    run, result = _step(settings) if "crop" in settings else _picture(settings)
    memory = PeakMemory()
    if settings.get("warm", True):
        run()
    for line in sys.stdin:
        start, processor = time.perf_counter(), time.process_time()
        if line.strip() == "end":
            print(json.dumps(memory.rise()), flush=True)
            np.save(settings["result"], result())
            break
        run()
        print(json.dumps([time.perf_counter() - start, time.process_time() - processor]), flush=True)


def _picture(settings: Mapping[str, Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Enhances a picture; twice the same, to run and as the result."""
    from model import enhance

    net = _network(settings)
    image = np.random.default_rng(0).random((*settings["size"], 3), dtype="float32")
    seen: list[Any] = []

    def run() -> None:
        seen[:] = [enhance(net, image)]

    return run, lambda: seen[0]


def _step(settings: Mapping[str, Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Takes a training step; the result are the losses of the first steps."""
    import model

    # By its file: an editable installation finds its own `model.training` where the other checkout has none.
    folder = Path(model.__file__).parent / "training"
    steps = import_module("model.training.step" if folder.is_dir() else "model.step")
    step = steps.training_step(_network(settings))
    shape = (2, settings["batch"], settings["crop"], settings["crop"], 3)
    low, high = np.random.default_rng(0).random(shape, dtype="float32")
    losses = [float(step(low, high, 1e-3, 0.99)) for _ in range(STEPS)]
    return lambda: float(step(low, high, 1e-3, 0.99)), lambda: np.array(losses)


def _network(settings: Mapping[str, Any]):
    from model import MIRNet, MIRNetConfig
    from model.zoo import seed_weights

    net = MIRNet(MIRNetConfig(**settings["net"]))
    seed_weights(net)
    return net


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
