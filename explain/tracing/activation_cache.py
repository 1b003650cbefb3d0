"""Activation cache: the tensors of one run by hook name, with a choice of names as all of this folder takes it.

```python
output, cache = run_with_cache(net, photo)
cache.names                                   # ("input", "shallow", "rrg_1/in", ...)
gates = cache.filter("*/gate")                # a smaller cache: wildcards, a list, or a function of the name
gates.save("gates.npz")                       # for np.load, or ActivationCache.load
```
"""

import os
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from model.errors import HookError, MirnetError
from model.safety.whole_files import check_output, reason_of, replacing

__all__ = ["ActivationCache", "Names", "choose_names"]

Names = str | Iterable[str] | Callable[[str], object]
"""A choice of hook points: a name; a name with wildcards, such as `*/gate` (a `*` takes any number of parts); several
of these; or a function that says yes or no to a name."""

SUFFIX = ".npz"
WILDCARDS = "*?["


class ActivationCache(dict[str, np.ndarray]):
    """The tensors of one run, or their gradients, by hook name in the order of execution.

    It is a dictionary, with a little more. Each tensor is a float array with a batch axis: (batch, height, width,
    channels), or as its hook point has it. A tensor that two hook points mark is one array under both names.

    Args:
        tensors: Hook name to array.

    Examples:
        >>> cache = ActivationCache({"in": np.zeros((1, 4, 4, 8)), "spatial/gate": np.ones((1, 4, 4, 1))})
        >>> cache.filter("*/gate").names
        ('spatial/gate',)
    """

    def __init__(self, tensors: Mapping[str, np.ndarray] | None = None):
        super().__init__(tensors or {})

    @property
    def names(self) -> tuple[str, ...]:
        """The hook names, in the order of execution."""
        return tuple(self)

    def filter(self, names: Names) -> "ActivationCache":
        """The tensors of some hook points, in the order of execution; the arrays are the same.

        Args:
            names: A name, a pattern such as `"*/gate"`, several of these, or a function of the name.

        Raises:
            HookError: If a name or pattern, or the function, chooses nothing.
        """
        return ActivationCache({name: self[name] for name in choose_names(names, self.names, "cache")})

    def to_numpy(self) -> dict[str, np.ndarray]:
        """A plain dictionary with arrays of its own: to write to them leaves the cache as it is."""
        copies = {id(array): array.copy() for array in self.values()}
        return {name: copies[id(array)] for name, array in self.items()}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the tensors into an `.npz` file, which NumPy reads; whole, or not at all.

        Raises:
            MirnetError: If the name does not end in `.npz`, or the file cannot be written.
        """
        if Path(path).suffix != SUFFIX:
            raise MirnetError(f"{os.fspath(path)}: the name of a saved cache must end in {SUFFIX}")
        with replacing(check_output(path)) as unfinished:
            np.savez(unfinished, **self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "ActivationCache":
        """Reads what `save` has written.

        Raises:
            MirnetError: If it is no such file.
        """
        try:
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                return cls({name: file[name] for name in file.files})
        except OSError as error:
            raise MirnetError(f"{os.fspath(path)}: {reason_of(error)}") from error
        except Exception as error:  # a damaged archive raises whatever its reader stumbles over
            raise MirnetError(f"{os.fspath(path)} is not a saved cache, or is damaged: save it again") from error

    def __missing__(self, name: str) -> np.ndarray:
        raise KeyError(f"{name!r} is not in this cache of {len(self)} tensors{_near(name, self.names)}")

    def __repr__(self) -> str:
        size = sum({id(array): array.nbytes for array in self.values()}.values())
        rows = [f"  {name} {array.shape}" for name, array in self.items()]
        more = [f"  and {len(rows) - 8} more: .names lists them"] if len(rows) > 8 else []
        return "\n".join([f"ActivationCache of {len(self)} tensors, {size / 1e6:,.1f} MB:", *rows[:8], *more])


def choose_names(names: Names, known: Iterable[str], owner: str) -> list[str]:
    """The chosen ones of the known hook names, in their order.

    Args:
        names: See `Names`.
        known: All hook names, in the order of execution.
        owner: Whose they are, for an error: `MIRNet`.

    Raises:
        HookError: If there is no such name, or a pattern or the function chooses none.
    """
    known = tuple(known)
    if callable(names):
        chosen = [name for name in known if names(name)]
        if not chosen:
            raise HookError(f"the function says no to all {len(known)} hook points of this {owner}")
        return chosen
    found = {name for each in _several(names) for name in matching(each, known, owner)}
    return [name for name in known if name in found]


def matching(name: object, known: Iterable[str], owner: str) -> list[str]:
    """The hook names that one name or pattern stands for; errors as for `choose_names`."""
    if not isinstance(name, str):
        raise HookError(f"a hook point is named by text, such as '*/gate', not by {name!r}")
    known = tuple(known)
    if name in known:
        return [name]
    if any(letter in name for letter in WILDCARDS):
        found = [each for each in known if fnmatchcase(each, name)]
        if found:
            return found
        raise HookError(f"no hook point of this {owner} fits {name!r}{_near(name.strip(WILDCARDS + '/'), known)}")
    raise HookError(f"{name!r} is not a hook point of this {owner}{_near(name, known)}")


def _several(names: object) -> Iterable[object]:
    if isinstance(names, str):
        return [names]
    if isinstance(names, Iterable) and not isinstance(names, bytes):
        return names
    raise HookError(f"names must be a name, a pattern such as '*/gate', several of them, or a function, not {names!r}")


def _near(name: object, known: Iterable[str]) -> str:
    """What may have been meant, to end a sentence with; empty if nothing is near."""
    near = get_close_matches(str(name), known, n=3, cutoff=0.3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
