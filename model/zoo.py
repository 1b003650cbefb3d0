"""Networks ready to run: with the weights that come with this package, with those of a file, or with random ones."""

from pathlib import Path

import h5py
import numpy as np

from model.config import MIRNetConfig, preset
from model.errors import WeightsError
from model.mirnet import MIRNet
from model.weights.authors import load_reference
from model.weights.shipped_weights import RANDOM, SHIPPED

__all__ = ["default_weights", "load_network", "seed_weights"]

REFERENCE_SUFFIXES = (".npz", ".safetensors", ".pth", ".pt")


def load_network(
    size: str | MIRNetConfig | None = None, weights: str | Path | None = None, seed: int = 0
) -> tuple[MIRNet, str]:
    """A network and one sentence on what its weights are.

    Args:
        size: The name of a preset, or a configuration. By default that of the weights, if they are shipped ones, or
            `desk`.
        weights: The name of weights in `SHIPPED`, a Keras file (`.weights.h5`), a file under the authors' names (see
            `load_reference`), or `random`: the same on every machine for the same `seed`. By default shipped weights
            where there are some for this size, and random ones elsewhere.
        seed: Which random weights.

    Raises:
        MirnetError: If there is no such preset, or a number in the configuration is out of range.
        WeightsError: If the file is missing, broken, for another network, or has values that are not finite.
    """
    if size is None:
        size = SHIPPED[str(weights)].size if str(weights) in SHIPPED else "desk"
    net = MIRNet(preset(size) if isinstance(size, str) else size)
    if weights is None:
        weights = default_weights(net.config)
    if str(weights) in SHIPPED:
        shipped = SHIPPED[str(weights)]
        _load_keras(net, shipped.checked())
        return net, f"weights {shipped.name}: {shipped.says}"
    if str(weights) == RANDOM:
        seed_weights(net, seed)
        return net, f"random weights (seed {seed}): untrained, they show how the network works, not what it can do"
    path = Path(weights)
    if path.suffix in REFERENCE_SUFFIXES:
        load_reference(net, path)
    else:
        _load_keras(net, path)
    return net, f"weights from {path.name}"


def default_weights(config: MIRNetConfig) -> str:
    """The name of the shipped weights for a network, or `random` if there are none.

    Whatever SKFF's softmax runs over, they are the same: the two are to be compared with the same weights.
    """
    alike = config.replace(skff_softmax="streams")
    return next((name for name, shipped in SHIPPED.items() if preset(shipped.size) == alike), RANDOM)


def seed_weights(net: MIRNet, seed: int = 0) -> None:
    """Sets random weights that depend on `seed` only, not on the machine or the Keras backend.

    Kernels are uniform within 1/sqrt(fan in), as PyTorch starts them; PReLU slopes are 0.25.
    """
    rng = np.random.default_rng(seed)
    for variable in net.weights:
        if len(variable.shape) == 4:
            fan_in = int(np.prod(variable.shape[:3]))
            bound = fan_in**-0.5
            variable.assign(rng.uniform(-bound, bound, variable.shape).astype("float32"))
        else:
            variable.assign(np.full(variable.shape, 0.25, "float32"))


def _load_keras(net: MIRNet, path: Path) -> None:
    """Loads a `.weights.h5` file; the network keeps its weights if anything is wrong with the file."""
    if not path.is_file():
        names = ", ".join((*SHIPPED, RANDOM))
        raise WeightsError(f"there is no file {path}, and no weights of that name come with the package: {names}")
    if not path.name.endswith(".weights.h5"):
        known = ", ".join((".weights.h5", *REFERENCE_SUFFIXES))
        raise WeightsError(f"{path.name}: weights must be in a file that ends in one of {known}")
    before = net.get_weights()
    try:
        # Keras takes a larger network's file in silence, and leaves out what has no variable here.
        if _shapes_in(path) != sorted(tuple(variable.shape) for variable in net.weights):
            raise WeightsError(f"{path.name} holds the weights of another network: use the preset it was made with")
        net.load_weights(path)
        broken = [variable.path for variable in net.weights if not np.isfinite(np.asarray(variable)).all()]
        if broken:
            raise WeightsError(f"{path.name} has values that are not finite numbers, first in {broken[0]}")
    except WeightsError:
        net.set_weights(before)
        raise
    except Exception as error:  # h5py and Keras raise many kinds for a broken file
        net.set_weights(before)
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"{path.name} cannot be read as Keras weights: {reason}") from error


def _shapes_in(path: Path) -> list[tuple[int, ...]]:
    """The shapes of all arrays in a Keras weights file, sorted."""
    shapes: list[tuple[int, ...]] = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: shapes.append(item.shape) if isinstance(item, h5py.Dataset) else None)
    return sorted(shapes)
