"""Hash by which board and computer recognize the same model."""

from hashlib import sha256
from pathlib import Path

from model.errors import MirnetError

__all__ = ["HASH_BYTES", "hash_of"]

HASH_BYTES = 8


def hash_of(model: str | Path | bytes) -> bytes:
    """The first 8 bytes of the SHA-256 of a .tflite file, given by its path or its bytes.

    Raises:
        MirnetError: If the file cannot be read.
    """
    if isinstance(model, bytes):
        return sha256(model).digest()[:HASH_BYTES]
    try:
        return hash_of(Path(model).read_bytes())
    except OSError as error:
        raise MirnetError(f"{model} cannot be read ({error.strerror}): give the file that the sketch is of") from error
