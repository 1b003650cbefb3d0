"""Files that Keras writes: `.weights.h5` of `net.save_weights`, and `.keras` of `net.save`, the whole network.

A `.keras` file is an archive of `config.json` and a `.weights.h5`. Both are read as data: Keras is never asked to make
what the file describes, so that nothing in it can run.
"""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.config import MIRNetConfig
from model.errors import WeightsError
from model.safety.whole_files import printable

if TYPE_CHECKING:
    from model.mirnet import MIRNet

__all__ = ["KERAS_SUFFIXES", "config_from", "load_keras", "saved_config"]

WEIGHTS_SUFFIX, NETWORK_SUFFIX = ".weights.h5", ".keras"

KERAS_SUFFIXES = (WEIGHTS_SUFFIX, NETWORK_SUFFIX)
"""How the names of these files end."""

CONFIG, INSIDE = "config.json", "model.weights.h5"  # as Keras names them

MOST_CONFIG = 2**20  # bytes; ours has 500
MOST_PACKED, SPARE = 4, 2**24  # weights hardly get smaller in an archive, what HDF5 adds to them does

OPTIMIZER = "optimizer/"
"""Where the arrays lie that Keras saves beside the weights of a network that was trained."""


def saved_config(path: Path) -> MIRNetConfig:
    """The network in a `.keras` file.

    Raises:
        WeightsError: If the file is broken, or holds another model.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(_member(archive, CONFIG, MOST_CONFIG))
        kind, numbers = content["class_name"], content["config"]
        if kind == "MIRNet":
            numbers = numbers["config"]
    except Exception as error:  # zipfile, zlib and json each have their own for a broken file
        raise _broken(path, error) from error
    if kind != "MIRNet":
        raise WeightsError(f"{printable(path)} holds {kind!r}, not a MIRNet: save the network itself with net.save")
    return config_from(numbers, printable(path))


def config_from(numbers: Any, where: str) -> MIRNetConfig:
    """A network that a file describes.

    Args:
        numbers: What `MIRNetConfig.to_dict` gave.
        where: What to call the file.

    Raises:
        WeightsError: If it is no description of a network.
    """
    try:
        return MIRNetConfig(**numbers)
    except (TypeError, ValueError) as error:
        raise WeightsError(f"{where} does not describe a MIRNet ({error})") from error


def load_keras(net: "MIRNet", path: Path) -> None:
    """Loads a `.weights.h5` or `.keras` file; the network keeps its weights if anything is wrong with the file.

    Raises:
        WeightsError: If the file is broken, for another network, or has values that are not finite.
    """
    if path.name.endswith(WEIGHTS_SUFFIX):
        return _load(net, path, path)
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / INSIDE
        try:
            with zipfile.ZipFile(path) as archive:
                inside.write_bytes(_member(archive, INSIDE, MOST_PACKED * path.stat().st_size + SPARE))
        except Exception as error:
            raise _broken(path, error) from error
        return _load(net, inside, path)


def _load(net: "MIRNet", file: Path, path: Path) -> None:
    name, before = printable(path.name), net.get_weights()
    try:
        # Keras takes a larger network's file in silence, and leaves out what has no variable here.
        if _shapes_in(file) != sorted(tuple(variable.shape) for variable in net.weights):
            raise WeightsError(
                f"{name} holds the weights of another network: name the preset it was made with, or put its run.json "
                "beside it"
            )
        net.load_weights(file)
        broken = [variable.path for variable in net.weights if not np.isfinite(np.asarray(variable)).all()]
        if broken:
            raise WeightsError(f"{name} has values that are not finite numbers, first in {broken[0]}")
    except WeightsError:
        net.set_weights(before)
        raise
    except Exception as error:  # h5py and Keras raise many kinds for a broken file
        net.set_weights(before)
        raise _broken(path, error) from error


def _shapes_in(file: Path) -> list[tuple[int, ...]]:
    """The shapes of all weights in a file, sorted."""
    import h5py

    shapes: list[tuple[int, ...]] = []

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith(OPTIMIZER):
            if item.external or item.is_virtual:
                raise ValueError("its arrays lie in other files")
            shapes.append(item.shape)

    with h5py.File(file, "r") as opened:
        opened.visititems(note)
    return sorted(shapes)


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A file of an archive, whole: its checksum is compared."""
    if (size := archive.getinfo(name).file_size) > most:
        raise ValueError(f"{name} in it would unpack to {size:,} bytes")
    return archive.read(name)


def _broken(path: Path, error: Exception) -> WeightsError:
    kind = "Keras weights" if path.name.endswith(WEIGHTS_SUFFIX) else "a network that Keras saved"
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return WeightsError(f"{printable(path.name)} cannot be read as {kind}: {reason}")
