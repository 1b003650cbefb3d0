"""Memories for what took time to compute: one bounded in bytes, where what was not used for longest goes first.

And one for small things that were made of photos, which is emptied when a visitor's photo is forgotten.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import numpy as np
import streamlit as st

__all__ = ["BoundedCache", "forget_what_was_made", "kept_of_photos", "size_of"]

Function = TypeVar("Function", bound=Callable[..., Any])
_made_of_photos: dict[str, Any] = {}  # by name: a page's module may be loaded again


class BoundedCache:
    """Remembers results by key; safe to use from several threads.

    One computation runs at a time: the network keeps all cores busy by itself, and two visitors who want the same
    thing get it from one run. What takes many seconds lets others in between its parts.

    Args:
        limit: Most bytes to keep. A single result may be larger: it is returned, and not kept.
        beside: Another memory, of computations of which none may run beside one of this.
    """

    def __init__(self, limit: int, beside: "BoundedCache | None" = None):
        self.limit, self.used = limit, 0
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._changing = threading.Lock()
        # A computation may need another one's result.
        self._computing = beside.alone if beside is not None else threading.RLock()
        self._long = threading.RLock()  # always taken before the other one

    def get(
        self,
        key: Hashable,
        compute: Callable[[], Mapping[str, np.ndarray]],
        keep: bool = True,
        in_parts: bool = False,
    ) -> Mapping[str, np.ndarray]:
        """What `compute()` gave for this key, now or earlier.

        Args:
            key: Everything that the result depends on.
            compute: Computes it while nothing else is computed.
            keep: Remember the result.
            in_parts: Others may compute meanwhile: `compute` itself holds `alone` for each of its parts. Not to be
                asked for by a computation.
        """
        found = self._look_up(key)
        if found is None:
            with self._long if in_parts else self._computing:
                found = self._look_up(key)  # somebody else may have been first
                if found is None:
                    found = compute()
                    if keep:
                        self._keep(key, found)
        return found

    def forget(self, part: Hashable) -> None:
        """Drops every result whose key is a tuple with this in it."""
        with self._changing:
            for key in [key for key in self._kept if isinstance(key, tuple) and part in key]:
                self.used -= self._kept.pop(key)[1]

    @property
    def alone(self) -> threading.RLock:
        """To be held by whoever runs the network without keeping the result."""
        return self._computing

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def _look_up(self, key: Hashable):
        with self._changing:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def _keep(self, key: Hashable, value: Mapping[str, np.ndarray]) -> None:
        size = size_of(value)
        if size > self.limit:
            return
        with self._changing:
            self._kept[key] = (value, size)
            self.used += size
            while self.used > self.limit:
                _, (_, freed) = self._kept.popitem(last=False)
                self.used -= freed


def size_of(arrays: Mapping[str, np.ndarray]) -> int:
    """Bytes of all arrays; one that stands under two names counts once."""
    return sum({id(array): array.nbytes for array in arrays.values()}.values())


def kept_of_photos(most: int) -> Callable[[Function], Function]:
    """`st.cache_data` for a function whose results show a photo; it keeps the last `most` of them."""

    def wrap(function: Function) -> Function:
        kept = st.cache_data(max_entries=most, show_spinner=False)(function)
        _made_of_photos[f"{function.__module__}.{function.__qualname__}"] = kept
        return kept  # type: ignore[return-value]

    return wrap


def forget_what_was_made() -> None:
    """Empties what `kept_of_photos` kept, of all photos: it does not know which is of which, and is filled quickly."""
    for kept in _made_of_photos.values():
        kept.clear()
