"""Outputs written whole or not at all, and whether a path can be written to, known before anything slow.

check_output("out/report.json")                # a wrong path is told at once
write_whole(Path("out/report.json"), text)     # a temporary name in the same folder, then moved into place
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import MirnetError

__all__ = [
    "PathLike",
    "check_output",
    "check_output_folder",
    "check_shipped",
    "default_cache",
    "is_full",
    "printable",
    "reason_of",
    "replacing",
    "sha256_of",
    "write_whole",
]

PathLike = str | os.PathLike[str]


@contextmanager
def replacing(target: Path, error_kind: type[MirnetError] = MirnetError) -> Iterator[Path]:
    """A name to write to in the target's folder; what is there afterwards takes the target's place, whole.

    Args:
        target: The file to make or to replace. The temporary name ends as it does.
        error_kind: What to raise.

    Raises:
        MirnetError: If the disk is full or the folder cannot be written to.
    """
    unfinished = target.with_name(f".unfinished-{secrets.token_hex(6)}{''.join(target.suffixes)}")
    try:
        yield unfinished
        os.replace(unfinished, target)
    except OSError as error:
        why = "the disk is full; free some space" if is_full(error) else f"{reason_of(error)}; check the folder"
        raise error_kind(f"{printable(target)} cannot be written: {why}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def write_whole(target: Path, content: str | bytes, error_kind: type[MirnetError] = MirnetError) -> None:
    """Writes a file; text in UTF-8, line ends as they are. Arguments and errors as for `replacing`."""
    with replacing(target, error_kind) as unfinished, open(unfinished, "xb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def check_output(path: PathLike, option: str = "", error_kind: type[MirnetError] = MirnetError) -> Path:
    """Refuses what cannot be written to, or what a rename would destroy: a device, a file that its owner has locked.

    Args:
        path: A file to make or to replace.
        option: The option of the command line that it was given by, for the error.
        error_kind: What to raise.

    Returns:
        The file to write; through a symbolic link, the one that it stands for.

    Raises:
        MirnetError: If it cannot be written, with what to do.
    """
    name = f"{option} {printable(path)}".lstrip()
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise error_kind(f"{name}: is a folder; add a file name")
        if not target.parent.is_dir():
            if target.parent.exists():
                raise error_kind(f"{name}: cannot be written, {printable(target.parent)} is a file and no folder")
            raise error_kind(f"{name}: cannot be written, there is no folder {printable(target.parent)}; make it first")
        if target.exists() and not target.is_file():
            raise error_kind(f"{name}: is not an ordinary file; choose another name")
        if target.exists() and not os.access(target, os.W_OK):
            raise error_kind(
                f"{name}: cannot be replaced, it is write-protected; choose another name or change its permissions"
            )
        if not os.access(target.parent, os.W_OK):
            raise error_kind(
                f"{name}: cannot be written, {printable(target.parent)} may not be written to; choose another folder, "
                "or change its permissions"
            )
    except (OSError, ValueError) as error:
        if isinstance(error, MirnetError):
            raise
        raise error_kind(f"{name}: cannot be written ({reason_of(error)}); choose another place") from error
    return target


def check_output_folder(path: PathLike, option: str = "", error_kind: type[MirnetError] = MirnetError) -> Path:
    """A folder to write to, which may be missing; arguments as for `check_output`.

    Raises:
        MirnetError: If it is a file, or cannot be made, or may not be written to.
    """
    name, above = f"{option} {printable(path)}".lstrip(), Path(path)
    if above.exists() and not above.is_dir():
        raise error_kind(f"{name}: is a file; give a folder")
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise error_kind(f"{name}: this folder cannot be made, {printable(above)} is a file; choose another folder")
    if not os.access(above, os.W_OK):
        raise error_kind(
            f"{name}: {printable(above)} may not be written to; choose another folder, or change its permissions"
        )
    return Path(path)


def sha256_of(path: PathLike) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_shipped(path: Path, sha256: str, error_kind: type[MirnetError] = MirnetError) -> Path:
    """A file that comes with the package, once it is sure that it is whole.

    Raises:
        MirnetError: If it is missing, or not what was shipped.
    """
    try:
        found = sha256_of(path)
    except OSError as error:
        raise error_kind(f"{path} is missing ({reason_of(error)}): install the package again") from error
    if found != sha256:
        raise error_kind(f"{path} is damaged (its SHA-256 is not what was shipped): install the package again")
    return path


def default_cache() -> Path:
    """The folder for caches: `$XDG_CACHE_HOME/mirnet-explainer`, or `~/.cache/mirnet-explainer`.

    Raises:
        MirnetError: If there is no such place, since this user has no home folder.
    """
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(home) if home else Path.home() / ".cache") / "mirnet-explainer"
    except RuntimeError as error:
        raise MirnetError("this user has no home folder to keep a cache in: set HOME or XDG_CACHE_HOME") from error


def is_full(error: OSError) -> bool:
    """Whether the disk is full, or what one may use of it."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def reason_of(error: BaseException) -> str:
    """The message of an error, as the system gives it."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def printable(path: PathLike) -> str:
    """A file may be called anything, a line break included; an error must stay one line."""
    name = os.fspath(path)
    return name if name.isprintable() else repr(name)
