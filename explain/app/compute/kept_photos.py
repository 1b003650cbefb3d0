"""Visitors' own photos, in the memory of this process for a while, so that reloading the page does not lose them.

Nothing is written to a disk. A photo is found by a key that cannot be guessed. Only the browser tab that sent the
photo is given its key (`explain.app.shell.photo_chooser`), and no address ever holds it.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache

from explain.app.compute.photos import Photo
from explain.app.compute.runner import forget_tensors

__all__ = ["KEPT_MINUTES", "MOST_BYTES", "MOST_PHOTOS", "KeptPhotos", "kept_photos"]

MOST_PHOTOS = 50
MOST_BYTES = 500_000_000
KEPT_MINUTES = 60
"""After the last click on a page with it."""


class KeptPhotos:
    """Photos by key, bounded in number, bytes and time; safe to use from several threads.

    Args:
        most: Photos at most; the one that was not looked at for longest goes first.
        most_bytes: Bytes of all of them at most.
        seconds: How long a photo stays that nobody looks at.
        clock: Gives the time in seconds.
        forget: Called with each photo that is dropped, for what was computed of it.
    """

    def __init__(
        self,
        most: int = MOST_PHOTOS,
        most_bytes: int = MOST_BYTES,
        seconds: float = KEPT_MINUTES * 60.0,
        clock: Callable[[], float] = time.monotonic,
        forget: Callable[[Photo], None] = lambda _: None,
    ):
        self.most, self.most_bytes, self.seconds, self.clock, self._forget = most, most_bytes, seconds, clock, forget
        self._kept: OrderedDict[str, tuple[Photo, float]] = OrderedDict()  # and when it was looked at, oldest first
        self._changing = threading.Lock()

    def keep(self, photo: Photo, key: str = "") -> str:
        """Keeps a photo, also in the place of the one with this key; gives its key."""
        key = key or secrets.token_urlsafe()
        with self._changing:
            if key in self._kept:
                self._forget(self._kept[key][0])
            self._kept[key] = photo, self.clock()
            self._kept.move_to_end(key)
            self._tidy()
        return key

    def find(self, key: str) -> Photo | None:
        """The photo of this key, which then stays for another while; None if it is not (or no longer) there."""
        with self._changing:
            self._tidy()
            if key not in self._kept:
                return None
            photo, _ = self._kept[key]
            self._kept[key] = photo, self.clock()
            self._kept.move_to_end(key)
            return photo

    def forget(self, key: str) -> None:
        """Drops the photo of this key, if it is there."""
        with self._changing:
            if key in self._kept:
                self._forget(self._kept.pop(key)[0])

    def tidy(self) -> None:
        """Drops what nobody has looked at for too long."""
        with self._changing:
            self._tidy()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def used(self) -> int:
        """Bytes of all photos."""
        return sum(photo.bytes for photo, _ in self._kept.values())

    def _tidy(self) -> None:
        oldest = self.clock() - self.seconds
        while self._kept:
            _, (_, seen) = next(iter(self._kept.items()))
            if seen > oldest and len(self._kept) <= self.most and self.used <= self.most_bytes:
                return
            _, (photo, _) = self._kept.popitem(last=False)
            self._forget(photo)


@cache
def kept_photos() -> KeptPhotos:
    """Those of this process."""
    return KeptPhotos(forget=forget_tensors)
