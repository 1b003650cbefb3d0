"""HEIC photos, decoded in a process of their own.

Their decoder, libheif, is C++ that trusts the file: of 10,000 files with a few changed bytes some ended the whole
process. That must not happen to a page with visitors, so another process decodes, with a limit on memory and time,
and if it dies, an error says so.

    python -m model.images.heic_process MAX_PIXELS < photo.heic      a line of JSON, then the pixels
"""

import base64
import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any, BinaryIO

from PIL import Image

from model.errors import ImageError
from model.safety.process_limits import limit_process, own_process, told_by_limits

__all__ = ["read_heic"]

INSTALL = "pip install 'mirnet-explainer[heic]', or save it as JPEG"
MEMORY = 4 << 30  # bytes of its own data; a 64-megapixel photo takes a quarter
SECONDS = 60  # of processor time; such a photo takes 3
KEPT = ("exif", "icc_profile", "xmp")  # of what the decoder says about a photo


def read_heic(file: BinaryIO, max_pixels: int) -> tuple[tuple[int, int], Image.Image]:
    """Decodes the main picture of a HEIC file.

    Args:
        file: An open file; it is read to its end.
        max_pixels: A picture with more pixels is not decoded.

    Returns:
        Its width and height, and the picture, upright; an empty one if it has more than `max_pixels`.

    Raises:
        ImageError: If the package that decodes is missing, or its process dies, or takes too long.
        OSError: If the file is damaged.
    """
    if find_spec("pi_heif") is None:
        raise ImageError(f"is a HEIC picture, and the package that reads them is missing: {INSTALL}")
    command, environment = own_process("model.images.heic_process", str(max_pixels))
    try:
        done = subprocess.run(
            command, input=file.read(), capture_output=True, check=False, env=environment, timeout=2 * SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ImageError("is damaged: its decoder takes too long; copy it again, or save it as JPEG") from error
    line, _, pixels = done.stdout.partition(b"\n")
    if done.returncode or not line:
        if limits := told_by_limits(done.returncode, SECONDS, MEMORY):
            raise ImageError(f"was not decoded to the end: {limits}; if that does not help, it is damaged")
        raise ImageError("is damaged: its decoder does not survive it; copy it again, or save it as JPEG")
    said = json.loads(line)
    if "error" in said:
        raise OSError(said["error"])
    width, height = said["size"]
    picture = Image.frombytes(said["mode"], (width, height), pixels) if pixels else Image.new("RGB", (1, 1))
    picture.info = {key: base64.b64decode(value) for key, value in said["info"].items()}
    picture.format = "HEIF"
    picture.is_animated = said["several"]  # type: ignore[attr-defined]
    return (width, height), picture


def _decoded(content: BinaryIO, max_pixels: int) -> tuple[dict[str, Any], bytes]:
    """What to say about a picture, and its pixels; in this process, which may die of it."""
    try:
        from pi_heif import HeifImageFile

        picture = HeifImageFile(content)
        said = {"size": picture.size, "mode": picture.mode, "several": picture.is_animated}
        pixels = b""
        if picture.width * picture.height <= max_pixels:
            picture.load()
            said["size"] = picture.size  # it may turn out larger than its header says
            pixels = picture.tobytes()
        info = {key: picture.info[key] for key in KEPT if picture.info.get(key)}
        return said | {"info": {key: base64.b64encode(value).decode() for key, value in info.items()}}, pixels
    except MemoryError:
        raise  # whoever reads this process' exit code says whether it was the system's limit
    except Exception as error:
        return {"error": (str(error).splitlines() or ["it makes no sense"])[0]}, b""


if __name__ == "__main__":
    import io

    limit_process(SECONDS, MEMORY)
    about, raw = _decoded(io.BytesIO(sys.stdin.buffer.read()), int(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + raw)
