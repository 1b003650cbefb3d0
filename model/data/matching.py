"""Which two folders hold pairs, and which of their photos belong together: data sets as they lie around.

```
our485/low/28.png           our485/high/28.png             LOL: the same name
Train/Low/low00001.png      Train/Normal/normal00001.png   LOL-v2: the side is a part of the name
set/input/1.jpg             set/target/1.png               or groundtruth, gt; or A and B; see SIDES
```
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from model.errors import MirnetError
from model.safety.whole_files import reason_of

__all__ = ["SHOWN", "SIDES", "composed", "find_sides", "listed", "match"]

SIDES = (
    ("low", "high"),
    ("low", "normal"),
    ("low", "gt"),
    ("input", "target"),
    ("input", "groundtruth"),
    ("input", "gt"),
    ("lq", "gt"),
    ("dark", "bright"),
    ("short", "long"),
    ("a", "b"),
    ("traina", "trainb"),
)
"""What folders of dark and of bright photos are called, in small or capital letters; the first two go before others."""

SHOWN = 5
"""So many names are spelt out in an error; of more, the number is given."""


def find_sides(folder: Path) -> tuple[Path, Path]:
    """The folders of dark and of bright photos in a folder.

    Raises:
        MirnetError: If there are none, or several that could be meant.
    """
    found = _sides_in(folder)
    if found and (len(found) == 1 or _called(found[0]) == SIDES[0]):
        return found[0]
    if found:
        several = "; ".join(f"{low.name} and {high.name}" for low, high in found)
        raise MirnetError(f"{folder}: which folders are meant? There are {several}; give two by --low and --high")
    here = {entry.name.lower() for entry in _folders(folder)}
    missing = [side for side in SIDES[0] if side not in here]
    raise MirnetError(f"{folder}: has no folder {' and none '.join(missing)}; {_hint(folder)}")


def match(
    low: Mapping[str, Path], high: Mapping[str, Path], folders: tuple[Path, Path]
) -> dict[str, tuple[Path, Path]]:
    """Pairs by name, sorted: photos of the same name, or whose names differ in what the side is called only.

    Args:
        low: Dark photos by name without suffix.
        high: Bright ones.
        folders: Where they are.

    Raises:
        MirnetError: If a photo has no partner, or two of a side could have the same.
    """
    pairs = {name: (low[name], high[name]) for name in low.keys() & high.keys()}
    alone = [
        _by_bare_name([name for name in files if name not in pairs], side, folder)
        for side, (files, folder) in enumerate(zip((low, high), folders, strict=True))
    ]
    for bare in alone[0].keys() & alone[1].keys():
        dark, bright = alone[0].pop(bare), alone[1].pop(bare)
        name = _bare(dark, _words(0, folders[0]))
        pairs[dark if name in low or name in high else name] = low[dark], high[bright]
    _refuse_single_ones([sorted(side.values()) for side in alone], folders, bool(pairs))
    return dict(sorted(pairs.items()))


def composed(name: str) -> str:
    """A name with each letter in one piece: macOS has written `ü` as a `u` and two dots, others as one letter."""
    return unicodedata.normalize("NFC", name)


def listed(names: Iterable[str]) -> str:
    """Names for an error: all of a few; of many the first ones, and how many more there are."""
    names = sorted(names)
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _sides_in(folder: Path) -> list[tuple[Path, Path]]:
    inside = {entry.name.lower(): entry for entry in _folders(folder)}
    return [(inside[low], inside[high]) for low, high in SIDES if low in inside and high in inside]


def _called(sides: tuple[Path, Path]) -> tuple[str, str]:
    return sides[0].name.lower(), sides[1].name.lower()


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError as error:
        reason = f"{reason_of(error)}; check its permissions"
        raise MirnetError(f"{folder}: cannot be read as a folder ({reason})") from error


def _hint(folder: Path) -> str:
    """Where the pairs are, if they are one folder further down."""
    further = [str(entry) for entry in _folders(folder) if _sides_in(entry)]
    if further:
        return f"did you mean {' or '.join(further[:SHOWN])}?"
    return "pairs are low/NAME and high/NAME (or input and target, A and B, ...); or give two by --low and --high"


def _words(side: int, folder: Path) -> Sequence[str]:
    """What the side of a photo may be called in its name, the longest first."""
    return sorted({*(sides[side] for sides in SIDES), folder.name.lower()} - {""}, key=len, reverse=True)


def _bare(name: str, words: Sequence[str]) -> str:
    """A name without the words for its side: `low00001`, `1_low` and `low-1` without `low`, but `lowland` as it is."""
    either = "|".join(map(re.escape, words))
    for word in (rf"^(?:{either})(?:[ _.-]+|(?=\d))", rf"(?:[ _.-]+|(?<=\d))(?:{either})$"):
        name = re.sub(word, "", name, flags=re.IGNORECASE) or name
    return name


def _by_bare_name(names: Iterable[str], side: int, folder: Path) -> dict[str, str]:
    """Bare name, in small letters, to the whole name."""
    words = _words(side, folder)
    found: dict[str, str] = {}
    for name in names:
        bare = _bare(name, words).lower()
        if other := found.get(bare):
            raise MirnetError(f"{folder}: {other} and {name} could be of the same pair; which one is it? Move one away")
        found[bare] = name
    return found


def _refuse_single_ones(alone: Sequence[Sequence[str]], folders: tuple[Path, Path], others: bool) -> None:
    low, high = (folder.name for folder in folders)
    if low == high:
        low, high = map(str, folders)
    texts = [
        f"{len(names)} of {side} have no partner in {other}: {listed(names)}"
        for side, other, names in ((low, high, alone[0]), (high, low, alone[1]))
        if names
    ]
    if texts:
        what_to_do = "add the missing photos or move these away" if others else "photos of a pair need the same name"
        raise MirnetError(f"{folders[0].parent}: {'; '.join(texts)}; {what_to_do}")
