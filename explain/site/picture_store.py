"""Pictures of pages as files: those that stand in the HTML as data become WebP files, each of them once."""

import re
from base64 import b64decode
from hashlib import sha256
from io import BytesIO

from PIL import Image

__all__ = ["PictureStore"]

IN_HTML = re.compile(r"data:image/(?:png|webp);base64,([A-Za-z0-9+/=]+)")
SMALL = 96 * 96  # pixels; up to these they are kept exactly, since they are shown in squares
QUALITY = 78


class PictureStore:
    """Collects pictures.

    Attributes:
        files: Name to content.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._known: dict[bytes, str] = {}

    def moved(self, html: str, folder: str) -> str:
        """The HTML with addresses in `folder` instead of data."""
        return IN_HTML.sub(lambda found: folder + self.name(b64decode(found[1])), html)

    def name(self, content: bytes) -> str:
        """The file's name of a picture, which is kept under it."""
        key = sha256(content).digest()
        if key not in self._known:
            with Image.open(BytesIO(content)) as picture:
                exact = picture.width * picture.height <= SMALL
                out = BytesIO()
                picture.convert("RGB").save(out, "WEBP", lossless=exact, quality=QUALITY, method=4)
            self._known[key] = name = f"{key.hex()[:16]}.webp"
            self.files[name] = out.getvalue()
        return self._known[key]
