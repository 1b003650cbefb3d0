"""The one way to name weights: by the name of shipped ones, by a run folder of `mirnet train`, or by a file.

```
desk, nano-float         shipped                            their preset
RUN                      RUN/net.weights.h5                 RUN/run.json
FILE.weights.h5          of net.save_weights                run.json beside it, or unknown
FILE.keras               of net.save                        in the file
FILE.npz, .safetensors, .pth    the authors' names          counted in names and shapes
```

The network is known before Keras is imported, so that a wrong name is told at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.config import MIRNetConfig, preset
from model.errors import MirnetError, WeightsError
from model.safety.whole_files import printable
from model.training.run_log import CARD, WEIGHTS, read_card
from model.weights.keras_files import KERAS_SUFFIXES, config_from, load_keras, saved_config
from model.weights.shipped_weights import RANDOM, SHIPPED
from model.weights.tensor_files import TENSOR_SUFFIXES, config_of, of_one_network, read_tensors

if TYPE_CHECKING:
    from model.mirnet import MIRNet

__all__ = ["WeightsSource", "find_weights", "weights_file"]

MOST_COLUMNS = 100
"""Dual attention units in a row cost time and no weights; a file that asks for more is broken."""


@dataclass(frozen=True, eq=False)
class WeightsSource:
    """Weights that were found.

    Attributes:
        path: The file.
        config: The network that they are of; None where nothing says it.
        says: One sentence on what they are.
        tensors: What the file holds, where it is read already.
    """

    path: Path
    config: MIRNetConfig | None
    says: str
    tensors: Mapping[str, np.ndarray] | None = None

    def load_into(self, net: "MIRNet") -> None:
        """Sets the weights of a network, all or none.

        Raises:
            WeightsError: If the file is broken, for another network, or has values that are not finite.
        """
        if self.tensors is None:
            return load_keras(net, self.path)
        from model.weights.authors import load_reference

        return load_reference(net, self.tensors)


def weights_file(weights: str | Path) -> Path:
    """The file of weights that a user names.

    Raises:
        WeightsError: If there is none, it is no file of weights by its name, or shipped weights are damaged.
    """
    if (shipped := SHIPPED.get(str(weights))) is not None:
        return shipped.checked()
    path = Path(weights)
    if path.is_dir():
        return _in_folder(path)
    if not path.is_file():
        names = ", ".join((*SHIPPED, RANDOM))
        raise WeightsError(
            f"there is no file {printable(path)}, and no weights of that name come with the package: {names}"
        )
    suffixes = (*KERAS_SUFFIXES, *TENSOR_SUFFIXES)
    if not path.name.endswith(suffixes):
        raise WeightsError(
            f"{printable(path.name)}: weights must be in a file that ends in one of {', '.join(suffixes)}, "
            "or in a run folder of mirnet train"
        )
    return path


def find_weights(weights: str | Path) -> WeightsSource:
    """The weights that a user names, and the network that they are of.

    Raises:
        WeightsError: If they cannot be used.
    """
    path = weights_file(weights)
    if (shipped := SHIPPED.get(str(weights))) is not None:
        return WeightsSource(path, preset(shipped.size), f"weights {shipped.name}: {shipped.says}")
    says, tensors = f"weights from {printable(path.name)}", None
    config: MIRNetConfig | None
    if path.suffix in TENSOR_SUFFIXES:
        tensors = of_one_network(read_tensors(path))
        config, numbers = config_of(tensors), sum(value.size for value in tensors.values())
    else:
        config = saved_config(path) if path.suffix == ".keras" else _config_beside(path)
        numbers = path.stat().st_size // 2  # a weight takes two bytes at least
    if config is None:
        return WeightsSource(path, None, says)
    # Before a network is made: a wrong number could ask for more memory than there is.
    if config.columns > MOST_COLUMNS or numbers < _least_weights(config):
        raise WeightsError(f"{printable(path.name)} is too small for the network that it is said to be of ({config})")
    return WeightsSource(path, config, f"{says}: {config.shape_in_words}", tensors)


def _in_folder(folder: Path) -> Path:
    """The weights of a training."""
    if (folder / WEIGHTS).is_file():
        return folder / WEIGHTS
    if (folder / CARD).is_file():
        raise WeightsError(
            f"{printable(folder)} holds no {WEIGHTS}: its training has not come to a checkpoint; go on with it by "
            "mirnet train --resume"
        )
    runs = sorted(f"{folder / found.parent.name}" for found in folder.glob(f"*/{WEIGHTS}"))
    advice = f"; give one of {', '.join(map(printable, runs))}" if runs else "; give a run folder of mirnet train"
    raise WeightsError(f"{printable(folder)} holds no {WEIGHTS}{advice}")


def _config_beside(path: Path) -> MIRNetConfig | None:
    """The network that the run card beside a file describes."""
    card_file = path.parent / CARD
    try:
        card = read_card(path.parent)
    except MirnetError as error:
        reason = "repair or remove it, and name the preset"
        raise WeightsError(f"{printable(card_file)} beside the weights cannot be read: {reason}") from error
    network = card.get("network") if isinstance(card, dict) else None
    return None if network is None else config_from(network, printable(card_file))


def _least_weights(config: MIRNetConfig) -> int:
    """How many weights a network has at least: those of its first and last convolution, and of two in each stream."""
    streams = sum((config.channels * 2**k) ** 2 for k in range(config.streams))
    return 18 * config.channels * config.depth + 18 * config.groups * config.blocks * streams
