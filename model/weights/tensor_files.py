"""Files of arrays under the authors' names: `.npz`, `.safetensors` and PyTorch's `.pth`, and what is around them.

```
checkpoint.pth   {"epoch": 3, "params": {"module.conv_in.weight": …, …}, "optimizer": {…}}
read_tensors     "params.module.conv_in.weight", …, "optimizer.state.0.exp_avg"    names joined by dots
of_one_network   "conv_in.weight", …                                               what is before them cut off
config_of        64 channels, 3 groups of 2 blocks, …                              counted in names and shapes
```

Nothing here imports Keras, so that a wrong file is told at once.
"""

import math
import pickle
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model.config import MIRNetConfig
from model.errors import MirnetError, WeightsError
from model.safety.whole_files import printable

__all__ = ["TENSOR_SUFFIXES", "config_of", "of_one_network", "read_tensors"]

FIRST = "conv_in.weight"
"""A name that every MIRNet of the authors has, and has once."""

OF_VERSION_2 = re.compile(r"\.(dau_top|skff_top)\.")
"""Parts that https://github.com/swz30/MIRNetv2 has, and MIRNet has not."""

SHOWN = 3  # names in an error

FOLDER = 0x10  # MS-DOS' attribute, in the lowest byte of an archive's

MOST_PACKED, SPARE = 64, 2**28
"""An archive may unpack to so many times its size and so many bytes more: zeros pack well, weights hardly."""


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a `.npz`, `.safetensors` or `.pth` file under their names.

    What a checkpoint keeps in dictionaries gets their keys before its name, with dots. Numbers, texts and whatever
    else is no array are left out. In a `.npz` that holds more than weights, weights are those below `w/`.

    Raises:
        WeightsError: If the file is missing, broken, of another kind, or needs a package that is not installed.
    """
    if path.suffix not in _READERS:
        raise WeightsError(f"{printable(path)} must end in one of {', '.join(_READERS)}")
    if not path.is_file():
        raise WeightsError(f"there is no file {printable(path)}")
    try:
        found = _READERS[path.suffix](path)
    except ImportError as error:
        package = "torch" if path.suffix.startswith(".pt") else "safetensors"
        raise WeightsError(f"reading {printable(path.name)} needs {package}: pip install {package}") from error
    except WeightsError:
        raise
    except Exception as error:  # each reader has its own exceptions for a broken file
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise WeightsError(f"{printable(path)} cannot be read as {path.suffix}: {reason}") from error
    return {name: value for name, value in found.items() if _is_weight(value)}


def _is_weight(value: object) -> bool:
    """Whether it is an array of numbers; of a member of an archive that is none, NumPy gives the bytes."""
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind not in "OSU"


def of_one_network(tensors: Mapping[str, np.ndarray], first: str = FIRST) -> dict[str, np.ndarray]:
    """The arrays of one network, without what is before their names (`module.`, `params.`, `state_dict.model.`, …).

    Args:
        tensors: Arrays under names; those of averaged weights (`ema` in what is before them) go before others.
        first: A name that the network has once, by which it is found.

    Returns:
        The arrays under the network's own names; all of them as they are when `first` is not among them.

    Raises:
        WeightsError: If there are several networks.
    """
    found = (name for name in tensors if name == first or name.endswith((f".{first}", f"/{first}")))
    around = [name.removesuffix(first) for name in found]
    if len(around) > 1:
        around = [before for before in around if "ema" in before.lower()] or around
    if len(around) > 1:
        names = ", ".join(before or "(bare)" for before in sorted(around)[:SHOWN])
        raise WeightsError(f"there are {len(around)} networks in this file ({names}): save the one you mean alone")
    before = around[0] if around else ""
    return {name.removeprefix(before): value for name, value in tensors.items() if name.startswith(before)}


def config_of(tensors: Mapping[str, np.ndarray]) -> MIRNetConfig:
    """The network that arrays under the authors' names are of, counted in names and shapes.

    Raises:
        WeightsError: If they are those of something else.
    """
    if any(OF_VERSION_2.search(name) for name in tensors):
        raise WeightsError(
            "these are weights of MIRNet-v2, a later network of other parts: give weights of MIRNet (2020), "
            "whose names are those of https://github.com/swz30/MIRNet"
        )
    kernel = tensors.get(FIRST)
    if kernel is None or kernel.ndim != 4:
        names = ", ".join(printable(name[:60]) for name in sorted(tensors)[:SHOWN]) or "none"
        raise WeightsError(f"these are not the weights of a MIRNet: there is no array {FIRST} (there are {names}, …)")
    try:
        return MIRNetConfig(
            channels=kernel.shape[0],
            groups=_count(tensors, r"body\.(\d+)\."),
            blocks=_count(tensors, r"body\.0\.body\.(\d+)\.blocks\."),
            streams=_count(tensors, r"body\.0\.body\.0\.blocks\.(\d+)\."),
            columns=_count(tensors, r"body\.0\.body\.0\.blocks\.0\.(\d+)\."),
            stem=max(1, math.isqrt(kernel.shape[1] // 3)),
        )
    except MirnetError as error:
        raise WeightsError(
            f"these are not the weights of a MIRNet, or not all names have the same before {FIRST}: {error}"
        ) from error


def _count(tensors: Mapping[str, Any], pattern: str) -> int:
    return len({match[1] for name in tensors if (match := re.match(pattern, name))})


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(path) as archive:
        _check_unpacked(path, archive)
    with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
        tensors = {name: file[name] for name in file.files}
    weights = {name[2:]: value for name, value in tensors.items() if name.startswith("w/")}
    return weights or tensors


def _check_unpacked(path: Path, archive: zipfile.ZipFile) -> None:
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_PACKED * path.stat().st_size + SPARE:
        raise WeightsError(f"{printable(path)} would unpack to {unpacked:,} bytes: it holds no weights")


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    import ml_dtypes  # noqa: F401  Keras needs it too; NumPy knows bfloat16 from then on
    from safetensors.numpy import load_file

    return load_file(path)


def _read_pth(path: Path) -> dict[str, np.ndarray]:
    import torch

    if zipfile.is_zipfile(path):  # PyTorch before 1.6 wrote none
        with zipfile.ZipFile(path) as archive:
            _check_unpacked(path, archive)
            _check_entries(path, archive)
    try:
        # weights_only: a .pth file is a pickle, and an unknown pickle could run anything.
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:  # PyTorch's own text advises to read it all the same
        raise WeightsError(
            f"{printable(path)} is broken, or holds Python objects beside tensors, which could run anything: save "
            "the state_dict of the network alone"
        ) from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"{printable(path)} holds a {type(state).__name__}, not a state_dict: save that")
    return {name: value.detach().float().numpy() for name, value in _flat(state) if isinstance(value, torch.Tensor)}


def _check_entries(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuses what PyTorch reads without a word: other checksums, and folders, for which it gives memory as it lies."""
    folders = (entry.filename for entry in archive.infolist() if entry.external_attr & FOLDER)
    damaged = next(folders, None) or archive.testzip()
    if damaged is not None:
        raise WeightsError(f"{printable(path)} is damaged: {printable(damaged)} in it is not as it was written")


def _flat(state: Mapping[Any, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in state.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


_READERS = {".npz": _read_npz, ".safetensors": _read_safetensors, ".pth": _read_pth, ".pt": _read_pth}

TENSOR_SUFFIXES = tuple(_READERS)
"""How the names of these files end."""
