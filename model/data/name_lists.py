"""Lists of names, one a line, as editors and spreadsheets leave them: which photos are held out for validation.

A name may hold blanks, and be given with its suffix or with its folder (`low/28.png`); the file may begin with a
byte-order mark, end its lines as on Windows, and have comments behind a `#` at the beginning of a line.
"""

import codecs
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

from model.data.matching import composed, listed
from model.errors import MirnetError
from model.images.photo_formats import SUFFIXES
from model.safety.whole_files import printable, reason_of

__all__ = ["VALIDATION_LIST", "names_in"]

VALIDATION_LIST = "validation.txt"
MOST_BYTES = 64_000_000
"""A file that is longer is no list of photos."""
LONGEST = 60  # letters of an unknown name that an error shows


def names_in(file: Path, known: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """The photos that a list names, sorted.

    Args:
        file: The list, in UTF-8, or in UTF-16 with a byte-order mark.
        known: What a photo may be called, without a suffix, to its name.
        folder: Where the photos are, for the error.

    Raises:
        MirnetError: If it cannot be read, or names what is not known.
    """
    names: set[str] = set()
    unknown = []
    known = {composed(called): name for called, name in known.items()}
    for line in map(str.strip, composed(_text_of(file)).splitlines()):
        if line.startswith("#") and _name_of(line, known) is None:  # a comment
            continue
        words = [line] if _name_of(line, known) else line.split()  # several in a line, where no name holds a blank
        found = [_name_of(word, known) for word in words]
        if None in found:
            unknown.append(printable(line[:LONGEST]))
        names.update(name for name in found if name)
    if unknown:
        raise MirnetError(f"{file}: names pairs that {folder} lacks: {listed(unknown)}")
    return tuple(sorted(names))


def _name_of(entry: str, known: Mapping[str, str]) -> str | None:
    """The name that an entry stands for; Windows' paths know both kinds of slashes."""
    path = PureWindowsPath(entry)
    bare = path.stem if path.suffix.lower() in SUFFIXES else path.name
    return known.get(entry) or known.get(path.name) or known.get(bare)


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError("it is too long")
        content = file.read_bytes()
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if wide else "utf-8-sig")
        if "\0" in text:  # UTF-16 without a mark
            raise ValueError("it holds zero bytes")
        return text
    except (OSError, ValueError) as error:
        raise MirnetError(
            f"{file}: cannot be read as a list of names ({reason_of(error)}); save it as text in UTF-8"
        ) from error
