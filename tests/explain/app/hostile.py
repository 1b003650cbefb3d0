"""Files that people upload by mistake, and files that others upload to do harm, all made here.

Each is either a picture, and then it is known what has to be seen, or it is refused, and then it is known what the
sentence has to say. `uploads()` gives them all.
"""

import struct
import zlib
from base64 import b85decode
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

OTHER = "is not a PNG, JPEG, WebP"
EXACT = 0
LOSSY = 8  # JPEG and CMYK of a smooth picture: levels of 255
ORIENTATION = 0x0112

# 64 × 48 pixels of `picture()`, arithmetic-coded by libjpeg (quality 92, no subsampling); Pillow cannot write these.
ARITHMETIC = (
    b"|JeWF01!$>Nk#wx0RR9200961|JwjV00RO70s;a90s;a90|NsD1_T5I1Ox~M1_cHQ2nq@b2nh)a3=a$n3l0kj2@Meq4i69z5fBOt5)%>-6Aus&"
    b"5dYf%LjeN=0|WyE2m}NO5DN(l5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D*X$5D@>#01*fPFaSUU0TBQK5di}c"
    b"0sqVZ3IGrg1pyEd1^?Or3<CiG0ucid06zf#0O-O4F~Kx;VT8~Uk22E1H<cvvYi6IY<KK<Y9o@LpJ|><vg*%1wrXB5I!sosrXZU1?Y67TH9Q|f7"
    b"_A)*Tt#;u98MzVQkKJ3Ti6v3!i(*3j94{t4P(Z=4R=spoVZow_ol4xKzi!~pBO$X$se7Aaz!$e6@(%7W`KmckONTHXa9Mk+-F2tUmxWeb&M>Yx"
    b"c?Ly=N5y>i2Wz6T<qgvp6ephRTK8;LbGMM;BJWQ|r9Xn{)({ueTk)XdVs+|jf4v;6ZAFFn-)tbjwOO3DfP1w{$`T8+mhh3YLulAqvsI_I4uU}@"
    b"W~|LR++UU3Ugt_TkDnWqQ4PdyAcD)KZChW?S9DLz7S-PNz}T)tJCFTW!2j6"
)


@dataclass(frozen=True)
class Upload:
    """One file.

    Attributes:
        what: What is special about it.
        content: Its bytes.
        shows: (height, width, 3) uint8 that the page has to show; None if it has to refuse the file.
        within: How many levels of 255 may be lost.
        says: A regular expression for the sentence of the refusal.
        file: Its name.
    """

    what: str
    content: bytes
    shows: np.ndarray | None = None
    within: int = EXACT
    says: str = ""
    file: str = "photo.png"

    def is_shown(self, pixels: np.ndarray) -> bool:
        """Whether these pixels are what has to be seen."""
        assert self.shows is not None
        return pixels.shape == self.shows.shape and int(np.abs(pixels.astype(int) - self.shows).max()) <= self.within


def uploads() -> list[Upload]:
    """All of them; no two are called alike."""
    return [
        *_modes(),
        *_turned(),
        *_moving(),
        *_coded(),
        *_from_phones_and_scanners(),
        *_metadata(),
        *_double(),
        *_other(),
        *_cut(),
        *_sizes(),
        *_names(),
    ]


def bombs() -> list[Upload]:
    """Small files that would take gigabytes."""
    return [
        Upload("400 megapixels of one bit", bomb(20_000), says="more than the 40 megapixels"),
        Upload("4,295 megapixels, by the header", png(65_535, 65_535, 8, 2, b"x"), says="more than the 40 megapixels"),
        Upload("a WebP of 268 megapixels, by the header", _webp_header(16_384), says="more than the 40 megapixels"),
        Upload("a JPEG of 4,290 megapixels, by the header", _jpeg_header(65_500), says="more than the 40 megapixels"),
        Upload("a text that unpacks to 100 MB", _with_chunk(b"zTXt", b"a\0\0" + _zeros(10**8)), says="damaged"),
        Upload(
            "a colour profile that unpacks to 100 MB", _with_chunk(b"iCCP", b"a\0\0" + _zeros(10**8)), says="damaged"
        ),
    ]


def picture(blue: int = 0) -> np.ndarray:
    """64 pixels wide and 48 high, smooth, and different in all four corners; more `blue`, up to 55, gives another."""
    y, x = np.mgrid[0:48, 0:64]
    return np.stack([2 * x + 20, 3 * y + 15, 200 - x - y + blue], axis=-1).astype(np.uint8)


def encoded(image: Image.Image | np.ndarray, kind: str = "PNG", **options) -> bytes:
    """A picture as a file."""
    content = BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(content, kind, **options)
    return content.getvalue()


def jpeg(blue: int, **options) -> bytes:
    """`picture(blue)` as a JPEG."""
    return encoded(picture(blue), "JPEG", quality=95, subsampling=0, **options)


def png(width: int, height: int, depth: int, colour: int, body: bytes, extra: bytes = b"") -> bytes:
    """A PNG written by hand; `colour`: 0 grey, 2 RGB, 3 palette."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [_chunk(b"IHDR", header), extra, _chunk(b"IDAT", body), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def bomb(side: int, depth: int = 1, colour: int = 0, extra: bytes = b"") -> bytes:
    """A valid PNG of side × side pixels of value 0, whose 100 rows are deflated once and then repeated."""
    row = 1 + (side * depth + 7) // 8
    deflate = zlib.compressobj(9, wbits=-15)
    hundred = deflate.compress(bytes(100 * row)) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", side * row % 65521, 1)  # Adler-32 of nothing but zeros
    return png(side, side, depth, colour, b"\x78\xda" + hundred * (side // 100) + b"\x03\x00" + checksum, extra)


def _modes() -> Iterator[Upload]:
    rgb = picture(1)
    red, grey = Image.fromarray(rgb), rgb[..., 0]
    yield Upload("CMYK", encoded(red.convert("CMYK"), "JPEG", quality=95, subsampling=0), rgb, LOSSY, file="a.jpg")
    wide = grey.astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    yield Upload("16-bit grey", png(64, 48, 16, 0, zlib.compress(rows)), np.stack([grey] * 3, -1))
    rows = b"".join(b"\0" + row.tobytes() for row in picture(2).astype(">u2") * 257)
    yield Upload("16-bit colour", png(64, 48, 16, 2, zlib.compress(rows)), picture(2))
    bits = (rgb.sum(axis=-1) % 7 > 3).astype(np.uint8) * 255
    yield Upload("one bit", encoded(Image.fromarray(bits).convert("1")), np.stack([bits] * 3, -1))
    half = np.where(np.arange(64) < 32, 255, 0).astype(np.uint8)[None].repeat(48, axis=0)
    hidden = np.where(half[..., None] == 255, rgb, 0).astype(np.uint8)
    yield Upload("transparent", encoded(np.dstack([rgb, half])), hidden)
    yield Upload(
        "grey and transparent",
        encoded(np.dstack([grey, half])),
        np.where(half == 255, grey, 0)[..., None].repeat(3, -1).astype(np.uint8),
    )
    indices = np.indices((48, 64)).sum(axis=0) % 2
    palette = _chunk(b"PLTE", bytes([10, 20, 30, 200, 100, 50])) + _chunk(b"tRNS", bytes([255, 0]))
    rows = b"".join(b"\0" + row.tobytes() for row in indices.astype(np.uint8))
    seen = np.where(indices[..., None] == 0, [10, 20, 30], 0).astype(np.uint8)
    yield Upload("a palette with a transparent colour", png(64, 48, 8, 3, zlib.compress(rows), palette), seen)


def _turned() -> Iterator[Upload]:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        rgb = picture(2 + orientation)
        stored = np.ascontiguousarray(_as_stored(rgb, orientation))
        content = encoded(stored, "JPEG", quality=95, subsampling=0, exif=exif)
        yield Upload(f"camera held in way {orientation}", content, rgb, LOSSY, file=f"turned-{orientation}.jpg")


def _as_stored(rgb: np.ndarray, orientation: int) -> np.ndarray:
    """What a camera stores that is held in one of the eight ways (EXIF 2.3, section 4.6.4 A)."""
    upright = {2: rgb[:, ::-1], 3: rgb[::-1, ::-1], 4: rgb[::-1]}
    lying = {5: rgb.transpose(1, 0, 2), 6: np.rot90(rgb), 7: rgb[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90(rgb, -1)}
    return (upright | lying).get(orientation, rgb)


def _moving() -> Iterator[Upload]:
    for blue, kind, options in ((11, "PNG", {}), (12, "WebP", {"lossless": True})):
        content = _animation(blue, kind, **options)
        yield Upload(f"an animated {kind}", content, picture(blue), file=f"moving.{kind.lower()}")
    yield Upload("an animated GIF", _animation(0, "GIF"), says=OTHER, file="moving.png")


def _animation(blue: int, kind: str, **options) -> bytes:
    first, second = Image.fromarray(picture(blue)), Image.fromarray(255 - picture(blue))
    return encoded(first, kind, save_all=True, append_images=[second], duration=50, loop=0, **options)


def _coded() -> Iterator[Upload]:
    yield Upload("progressive", jpeg(13, progressive=True), picture(13), LOSSY, file="progressive.jpg")
    yield Upload("arithmetic-coded", b85decode(ARITHMETIC), picture(), LOSSY, file="arithmetic.jpg")
    image = Image.fromarray(picture(14))
    several = encoded(image, "MPO", quality=95, subsampling=0, save_all=True, append_images=[image.rotate(180)])
    yield Upload("two pictures in one (MPO)", several, picture(14), LOSSY, file="two.jpg")


def _from_phones_and_scanners() -> Iterator[Upload]:
    for blue, (kind, suffix) in enumerate((("TIFF", "tif"), ("BMP", "bmp"), ("MPO", "jfif"), ("PNG", "heic")), 25):
        options = {"quality": 95, "subsampling": 0} if kind == "MPO" else {}
        content = encoded(picture(blue), kind, **options)
        yield Upload(f"a {kind} called .{suffix}", content, picture(blue), LOSSY, file=f"photo.{suffix}")
    avif = encoded(picture(29), "AVIF", quality=95, subsampling="4:4:4")
    yield Upload("an AVIF", avif, picture(29), LOSSY, file="photo.avif")
    packed = encoded(picture(30), "TIFF", compression="tiff_lzw")
    yield Upload("a TIFF packed by LZW", packed, picture(30), file="scan.tiff")
    pages = Image.fromarray(picture(31)), Image.fromarray(255 - picture(31))
    yield Upload("a TIFF of two pages", encoded(pages[0], "TIFF", save_all=True, append_images=[pages[1]]), picture(31))


def _metadata() -> Iterator[Upload]:
    srgb, lab = (ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes() for name in ("sRGB", "LAB"))
    rubbish = {"rubbish": b"not a profile" * 20, "half of one": srgb[: len(srgb) // 2], "for other colours": lab}
    for blue, (what, profile) in enumerate(rubbish.items(), 15):
        yield Upload(f"a colour profile, {what}", encoded(picture(blue), icc_profile=profile), picture(blue))
    loop = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08"  # it leads back to itself
    strange = Image.Exif()
    strange[ORIENTATION] = 99
    broken = {"rubbish": b"Exif\0\0garbage", "without end": loop, "held in way 99": strange}
    for blue, (what, exif) in enumerate(broken.items(), 18):
        yield Upload(f"EXIF, {what}", jpeg(blue, exif=exif), picture(blue), LOSSY, file="exif.jpg")


def _double() -> Iterator[Upload]:
    """Two kinds of file at once: what follows a picture does not matter, what precedes one does."""
    page, archive = b"<html><script>alert(1)</script></html>", b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + bytes(18)
    yield Upload("a picture, then a web page", encoded(picture(21)) + page, picture(21))
    yield Upload("a picture, then an archive", encoded(picture(22)) + archive, picture(22))
    spoken = jpeg(23, comment=b"<?php system($_GET[0]); ?>" + page)
    yield Upload("a program in the comment", spoken, picture(23), LOSSY, file="comment.jpg")
    yield Upload("a web page, then a picture", page + encoded(picture()), says=OTHER)
    yield Upload("a GIF that is a script", b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", says=OTHER)


def _other() -> Iterator[Upload]:
    """Something else, under the name of a picture."""
    image = Image.fromarray(picture())
    endless = Image.fromarray(np.full((48, 64), np.nan, np.float32))
    yield Upload("a TIFF of numbers that are none", encoded(endless, "TIFF"), says="no agreed number", file="nan.jpg")
    yield Upload("an SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', says=OTHER)
    yield Upload("a PDF", encoded(image, "PDF"), says=OTHER, file="paper.jpg")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
    yield Upload("a HEIC without a picture", heic, says="is damaged|pip install", file="telephone.jpg")
    yield Upload("a film", b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(200), says=OTHER, file="IMG_1.HEIC")
    yield Upload("a text", b"just some words", says=OTHER)
    yield Upload("a program", b"\x7fELF\x02\x01\x01" + bytes(100), says=OTHER)


def _cut() -> Iterator[Upload]:
    rgb = picture()
    kinds = {"PNG": {}, "JPEG": {"quality": 95}, "WebP": {"lossless": True}}
    for kind, options in kinds.items():
        whole = encoded(rgb, kind, **options)
        for percent in (3, 40, 75):
            cut = whole[: len(whole) * percent // 100]
            says = "damaged or incomplete|is not a PNG"
            yield Upload(f"{percent} % of a {kind}", cut, says=says, file=f"cut-{percent}.{kind.lower()}")
    yield Upload("nothing at all", b"", says=r"is empty \(0 bytes\)")


def _sizes() -> Iterator[Upload]:
    for width, height in ((1, 1), (1, 5000), (5000, 1)):
        content = encoded(np.full((height, width, 3), 90, np.uint8))
        yield Upload(f"{width} × {height} pixels", content, says=f"{width} × {height} pixels is too small or too thin")


def _names() -> Iterator[Upload]:
    broken, sentence = b"\x89PNG\r\n\x1a\n", "is damaged or incomplete"
    yield Upload("a name of HTML", broken, says=sentence, file="<img src=x onerror=alert(1)>.png")
    yield Upload("a name of Markdown", broken, says=sentence, file="![x](http:example.invalid) **bold** $x^2$.png")
    yield Upload("a name of 250 letters", broken, says=sentence, file="n" * 246 + ".png")
    yield Upload("a name that runs backwards", broken, says=sentence, file="safe\u202egnp.exe\u2066.png")
    yield Upload("a name with a line break", broken, says=sentence, file="two\nlines\r\t.png")
    yield Upload("a name in another script", encoded(picture(24)), picture(24), file="صورة 写真 🌙.png")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _with_chunk(kind: bytes, data: bytes) -> bytes:
    rows = b"".join(b"\0" + row.tobytes() for row in picture())
    return png(64, 48, 8, 2, zlib.compress(rows), _chunk(kind, data))


def _zeros(count: int) -> bytes:
    """So many bytes 0, deflated, in little memory."""
    deflate = zlib.compressobj(9)
    return b"".join(deflate.compress(bytes(10**6)) for _ in range(count // 10**6)) + deflate.flush()


def _webp_header(side: int) -> bytes:
    bits = (side - 1) | (side - 1) << 14
    body = b"WEBPVP8L" + struct.pack("<IBI", 1000, 0x2F, bits) + bytes(1000)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _jpeg_header(side: int) -> bytes:
    content = bytearray(encoded(picture(), "JPEG"))
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = struct.pack(">HH", side, side)
    return bytes(content)
