"""Networks ready to run: with the weights that come with this package, with those of a file, or with random ones.

```python
net, note = load_network("desk")                    # by preset
net, note = load_network(weights="my-run")          # a training of yours, with its own configuration
```
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.config import MIRNetConfig, preset
from model.errors import WeightsError
from model.safety.whole_files import printable
from model.weights.shipped_weights import RANDOM, SHIPPED
from model.weights.sources import WeightsSource, find_weights

if TYPE_CHECKING:
    from model.mirnet import MIRNet

__all__ = ["default_weights", "find_network", "load_network", "seed_weights"]


def load_network(
    size: str | MIRNetConfig | None = None,
    weights: str | Path | None = None,
    seed: int = 0,
    channels: int | None = None,
) -> "tuple[MIRNet, str]":
    """A network and one sentence on what its weights are.

    Args:
        size: The name of a preset, or a configuration. By default that of the weights, if they have one, or `desk`.
        weights: The name of weights in `SHIPPED`, a run folder of `mirnet train`, a Keras file (`.weights.h5` or
            `.keras`), a file under the authors' names (see `load_reference`), or `random`: the same on every machine
            for the same `seed`. By default shipped weights where there are some for this size, and random ones
            elsewhere.
        seed: Which random weights.
        channels: Features of the full-size stream, if others than those of `size`.

    Raises:
        MirnetError: If there is no such preset, or a number in the configuration is out of range.
        WeightsError: If the file is missing, broken, for another network, or has values that are not finite.
    """
    config, source = find_network(size, weights, channels)

    from model.mirnet import MIRNet  # brings Keras: a wrong name is told before

    net = MIRNet(config)
    if source is not None:
        source.load_into(net)
        return net, source.says
    seed_weights(net, seed)
    return net, f"random weights (seed {seed}): untrained, they show how the network works, not what it can do"


def find_network(
    size: str | MIRNetConfig | None = None, weights: str | Path | None = None, channels: int | None = None
) -> tuple[MIRNetConfig, WeightsSource | None]:
    """What `load_network` will make, before Keras is imported: the network, and its weights; None for random ones.

    Raises:
        MirnetError: As `load_network`, as far as it can be told without loading.
    """
    source = None if weights is None or str(weights) == RANDOM else find_weights(weights)
    config = _config(size, channels, source)
    if weights is None and (name := default_weights(config)) != RANDOM:
        source = find_weights(name)
    return config, source


def _config(size: str | MIRNetConfig | None, channels: int | None, source: WeightsSource | None) -> MIRNetConfig:
    """The network that is asked for.

    Raises:
        MirnetError: If there is no such preset, a number is out of range, or the weights are those of another network.
    """
    own = None if source is None else source.config
    config = (own or preset("desk")) if size is None else preset(size) if isinstance(size, str) else size
    if channels is not None:
        config = config.replace(channels=channels)
    # SKFF's softmax has no weights: both kinds are to be compared with the same ones.
    if source is None or own is None or own.replace(skff_softmax=config.skff_softmax) == config:
        return config
    found, asked = own.to_dict(), config.to_dict()
    differ = (f"{name} {found[name]} and not {asked[name]}" for name in found if found[name] != asked[name])
    raise WeightsError(
        f"{printable(source.path.name)} holds the weights of another network than the one asked for "
        f"({', '.join(differ)}): give no --preset and no --channels, or weights that fit them"
    )


def default_weights(config: MIRNetConfig) -> str:
    """The name of the shipped weights for a network, or `random` if there are none.

    Whatever SKFF's softmax runs over, they are the same: the two are to be compared with the same weights.
    """
    alike = config.replace(skff_softmax="streams")
    return next((name for name, shipped in SHIPPED.items() if preset(shipped.size) == alike), RANDOM)


def seed_weights(net: "MIRNet", seed: int = 0) -> None:
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
