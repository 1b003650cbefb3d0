"""Every format by its content: read right, too large ones refused by their header, damaged ones in one sentence."""

import io
import struct
import sys
import time
from importlib.util import find_spec

import numpy as np
import pytest
from damage import SEEDS
from photo_cases import FIXTURES, WHOLE, encoded, gradient, tiff, whole_photo
from PIL import Image, TiffImagePlugin
from quick import quick

from model.errors import ImageError, TooManyPixelsError
from model.images.photo_files import list_images, load_image, load_photo
from model.images.photo_formats import FORMATS, OPENERS, RESULT_SUFFIXES, SUFFIXES, format_of
from model.images.photo_writers import WRITERS

LOSSY = {"JPEG": 3, "AVIF": 6, "HEIC": 8}
"""Levels of 255 that may be lost, at the quality that the cases are written with; the HEIC keeps a quarter of its
colours."""

TRAILER_BYTES = 24  # what may be missing without a loss: a PNG's checksums and end mark
SLOWEST_S = 10.0  # a whole file takes 10 ms, a HEIC 200; a decoder that hangs takes for ever


@pytest.fixture(autouse=True)
def _heic_where_it_can_be_read(request, require):
    if hasattr(request.node, "callspec") and request.node.callspec.params.get("kind") == "HEIC":
        require(find_spec("pi_heif"), "needs pi-heif: pip install pi-heif")


@pytest.mark.parametrize("kind", WHOLE)
def test_every_format_is_read_right(kind):
    image = load_image(whole_photo(kind))
    assert (image.shape, image.dtype) == ((48, 80, 3), np.uint8)
    assert np.abs(image.astype(int) - gradient()).max() <= LOSSY.get(kind, 0)


@pytest.mark.parametrize("kind", WHOLE)
def test_the_limit_of_pixels_is_exact_for_every_format(kind):
    content = whole_photo(kind)
    assert load_photo(content, max_pixels=48 * 80).pixels.shape == (48, 80, 3)
    with pytest.raises(TooManyPixelsError, match="80 × 48") as caught:
        load_photo(content, max_pixels=48 * 80 - 1, name="photo")
    assert (caught.value.width, caught.value.height) == (80, 48)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("name", ["photo.HEIC", "photo.jfif", "photo.jpe", "photo.dat"])
def test_the_content_decides_not_the_name(kind, name, tmp_path):
    (tmp_path / name).write_bytes(whole_photo(kind))
    assert np.abs(load_image(tmp_path / name).astype(int) - gradient()).max() <= LOSSY.get(kind, 0)


def as_bomb(kind: str) -> bytes:
    """A small file whose header claims 60,000 × 60,000 pixels."""
    content = bytearray(whole_photo(kind))
    side = 60_000
    if kind == "BMP":
        content[18:26] = struct.pack("<ii", side, side)
    elif kind in ("AVIF", "HEIC"):  # each box of the size in pixels: version, width, height
        where = -1
        while (where := content.find(b"ispe", where + 1)) >= 0:
            content[where + 8 : where + 16] = struct.pack(">II", side, side)
    else:
        old = TiffImagePlugin.TiffImageFile(io.BytesIO(content))
        for tag in (256, 257):
            at = content.index(struct.pack("<H", tag), old.tag_v2.offset)
            content[at : at + 12] = struct.pack("<HHII", tag, 4, 1, side)
    return bytes(content)


@pytest.mark.parametrize("kind", ["BMP", "AVIF", "HEIC", "TIFF", "TIFF, LZW", "TIFF of 16 bits"])
def test_bombs_are_refused_by_their_header(kind):
    start = time.perf_counter()
    with pytest.raises(ImageError) as caught:
        load_photo(as_bomb(kind), name="bomb")
    assert time.perf_counter() - start < SLOWEST_S
    # AV1's own limit, and that of HEVC, come first; both are in the header too.
    assert isinstance(caught.value, TooManyPixelsError) or kind in ("AVIF", "HEIC")


@pytest.mark.parametrize("pillow_limit", [1500, 1000])
@pytest.mark.parametrize("kind", [kind for kind in WHOLE if kind != "WebP"])
def test_pillows_own_limit_neither_warns_nor_refuses(kind, monkeypatch, pillow_limit):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pillow_limit)  # 3,840 pixels are more than twice that
    assert load_photo(whole_photo(kind)).pixels.shape == (48, 80, 3)


def test_a_limit_that_pillow_keeps_is_told_as_what_it_is(monkeypatch):
    """Of WebP, from Pillow 13 on."""

    def refuse(_):
        raise Image.DecompressionBombError("exceeds limit")

    monkeypatch.setitem(OPENERS, "WebP", refuse)
    with pytest.raises(ImageError, match="wide: Pillow reads no more than 179 megapixels of this format; save it as"):
        load_photo(whole_photo("WebP"), name="wide")


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """With a few bytes changed, a part gone or doubled, or its end cut off."""
    broken = np.frombuffer(content, np.uint8).copy()
    # Half of all changes near the beginning, where the headers are.
    for _ in range(rng.integers(1, 5)):
        broken[rng.integers(min(300, len(broken)) if rng.random() < 0.5 else len(broken))] = rng.integers(256)
    start, end = sorted(rng.integers(0, len(broken), size=2))
    match rng.integers(4):
        case 0:
            return bytes(broken[: max(end, 1)])
        case 1:
            return bytes(broken[:start]) + bytes(broken[end:])
        case 2:
            return bytes(broken[:end]) + bytes(broken[start:])
    return bytes(broken)


@pytest.mark.parametrize("kind", quick(WHOLE, *(kind for kind in WHOLE if kind != "HEIC")))
def test_mutated_files_are_read_or_refused_in_one_line(kind):
    content, read = whole_photo(kind), 0
    for number in SEEDS:
        broken = mutated(content, np.random.default_rng([18, number]))
        start = time.perf_counter()
        try:
            photo = load_photo(broken, max_pixels=100_000, name="x", keep_transparency=True, keep_location=True)
        except ImageError as error:
            assert len(str(error).splitlines()) == 1, number
        else:
            read += 1
            assert photo.pixels.ndim == 3 and photo.pixels.shape[2] == 3
            assert photo.pixels.size <= 300_000
            assert np.isfinite(photo.pixels).all()
        assert time.perf_counter() - start < SLOWEST_S, number
    print(f"{kind}: {read} of {len(SEEDS)} damaged files read")
    assert read < len(SEEDS)


@pytest.mark.parametrize("kind", quick(WHOLE, *(kind for kind in WHOLE if kind != "HEIC")))
def test_a_truncated_file_is_refused_or_lost_nothing(kind):
    content = whole_photo(kind)
    whole = load_photo(content).pixels
    refused, lengths = 0, range(1, len(content), max(1, len(content) // 30))
    for length in lengths:
        try:
            np.testing.assert_array_equal(load_photo(content[:length]).pixels, whole)
        except ImageError:
            refused += 1
    assert refused >= sum(length < len(content) - TRAILER_BYTES for length in lengths)


# --- the first of several, transparency, and what is refused ---------------------------------------------------


def several(kind: str) -> bytes:
    first, second = Image.fromarray(gradient()), Image.fromarray(255 - gradient())
    if kind == "HEIC":
        return (FIXTURES / "two.heic").read_bytes()
    if kind == "TIFF of 16 bits":
        return tiff(np.stack([gradient(), 255 - gradient()]).astype(np.uint16) * 257)
    options = {"WebP": {"lossless": True}, "AVIF": {"quality": 95, "subsampling": "4:4:4"}}.get(kind, {})
    return encoded(first, kind, save_all=True, append_images=[second], **options)


@pytest.mark.parametrize("kind", ["TIFF", "TIFF of 16 bits", "PNG", "WebP", "AVIF", "HEIC"])
def test_of_several_pictures_the_first_is_taken_and_said(kind):
    photo = load_photo(several(kind), wide=False)
    assert np.abs(photo.pixels.astype(int) - gradient()).max() <= LOSSY.get(kind, 0)
    [note] = photo.notes
    assert "several pictures" in note and "was taken" in note


@pytest.mark.parametrize("kind", WHOLE)
def test_of_one_picture_nothing_is_said(kind):
    assert load_photo(whole_photo(kind)).notes == ()


@pytest.mark.parametrize("kind", ["PNG", "WebP", "TIFF", "AVIF", "HEIC"])
def test_transparency_is_black_or_kept(kind):
    alpha = np.repeat([255, 128, 0], [40, 20, 20]).astype(np.uint8)[None].repeat(48, axis=0)
    rgba = Image.fromarray(np.dstack([gradient(), alpha]))
    options = {"WebP": {"lossless": True, "exact": True}, "AVIF": {"quality": 95, "subsampling": "4:4:4"}}.get(kind, {})
    content = encoded(rgba, kind, **options) if kind != "HEIC" else (FIXTURES / "transparent.heif").read_bytes()
    black, kept = load_photo(content), load_photo(content, keep_transparency=True)
    assert black.alpha is None and kept.alpha is not None
    assert np.abs(kept.alpha.astype(int) - alpha).max() <= (1 if kind in LOSSY else 0)
    expected = np.where(alpha[..., None] > 0, gradient(), 0).astype(int)
    assert np.abs(kept.pixels - expected).max() <= LOSSY.get(kind, 0)
    assert np.abs(black.pixels - np.rint(expected * (alpha[..., None] / 255))).max() <= LOSSY.get(kind, 1)


def test_an_opaque_alpha_channel_is_no_transparency():
    rgba = np.dstack([gradient(), np.full((48, 80), 255, np.uint8)])
    assert load_photo(encoded(rgba, "PNG"), keep_transparency=True).alpha is None


def raw(suffix: str) -> bytes:
    """What raw photos begin with: a TIFF of a small preview."""
    small = Image.fromarray(gradient())
    tags = {".dng": {50706: b"\1\4\0\0"}, ".nef": {254: 1}, ".arw": {254: 1}}[suffix]
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[tag] = value
    return encoded(small, "TIFF", tiffinfo=info)


@pytest.mark.parametrize("suffix", [".dng", ".nef", ".arw"])
def test_the_preview_in_a_raw_photo_is_not_taken_for_it(suffix):
    with pytest.raises(ImageError, match="raw photo of a camera; develop it first"):
        load_image(raw(suffix))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (lambda: tiff(gradient().astype("f4")), "pixels of a rare kind"),
        (lambda: tiff(gradient()[..., 0].astype("f4"), "minisblack"), "white is at no agreed number"),
        (lambda: tiff(gradient()[..., 0].astype("i4"), "minisblack"), "white is at no agreed number"),
        (lambda: tiff(gradient().astype("u4")), "pixels of a rare kind"),
        (
            lambda: tiff(np.moveaxis(gradient().astype("u2"), -1, 0), planarconfig="separate"),
            "16-bit colours in separate planes",
        ),
        (
            lambda: tiff(np.moveaxis(gradient().astype("u2"), -1, 0), planarconfig="separate", compression="zlib"),
            "16-bit colours in separate planes",
        ),
    ],
)
def test_a_tiff_that_would_be_read_wrong_is_refused_with_what_to_do(content, what):
    for read in (load_image, load_photo):
        with pytest.raises(ImageError, match=f"scan: is a TIFF .*{what}; save it"):
            read(content(), name="scan")


def test_heic_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    for name in ("phone.heic", "transparent.heif", "two.heic"):
        with pytest.raises(ImageError, match=r"pip install 'mirnet-explainer\[heic\]'") as caught:
            load_image(FIXTURES / name)
        assert len(str(caught.value).splitlines()) == 1
    jpeg = whole_photo("JPEG")
    assert load_image(jpeg, name="really-a-jpeg.HEIC").shape == (48, 80, 3)  # needs none


@pytest.mark.parametrize("at", [176, 177, 178, 179])
def test_a_heic_that_libheif_does_not_survive_is_refused(at, require):
    """One byte of `phone.heic` that ends a process in which libheif 1.23 opens it."""
    require(find_spec("pi_heif"), "needs pi-heif: pip install pi-heif")
    content = bytearray(whole_photo("HEIC"))
    content[at] = 255
    with pytest.raises(ImageError, match="bad: is damaged"):
        load_image(bytes(content), name="bad")


@pytest.mark.parametrize("death", ["os.abort()", "os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_the_death_of_a_decoder_is_an_error(death, tmp_path, monkeypatch):
    (tmp_path / "pi_heif.py").write_text(f"import os\n{death}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pi_heif", raising=False)
    with pytest.raises(ImageError, match="bad: is damaged: its decoder does not survive it; copy it again"):
        load_image(whole_photo("HEIC"), name="bad")


def test_a_heic_decoder_that_takes_too_long_is_ended(require, monkeypatch):
    require(find_spec("pi_heif"), "needs pi-heif: pip install pi-heif")
    monkeypatch.setattr("model.images.heic_process.SECONDS", 0.001)
    with pytest.raises(ImageError, match="bad: is damaged: its decoder takes too long"):
        load_image(whole_photo("HEIC"), name="bad")


def iso(brand: bytes, *others: bytes) -> bytes:
    return struct.pack(">I4s4sI", 16 + 4 * len(others), b"ftyp", brand, 0) + b"".join(others)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (iso(b"heic", b"mif1", b"heic"), "HEIC"),
        (iso(b"mif1", b"heic"), "HEIC"),
        (iso(b"heix"), "HEIC"),
        (iso(b"msf1", b"hevc"), "HEIC"),
        (iso(b"avif", b"mif1", b"miaf"), "AVIF"),
        (iso(b"mif1", b"miaf", b"avif"), "AVIF"),
        (iso(b"avis"), "AVIF"),
        (iso(b"qt  "), ""),
        (iso(b"isom", b"mp41"), ""),
        (iso(b"crx ", b"isom"), ""),  # CR3, a raw photo
        (b"MM\0+\0\x08\0\0", "TIFF"),
        (b"BM, a car of Munich, in words", ""),
        (b"GIF89a", ""),
        (b"\xff\x0a", ""),  # JPEG XL
        (b"", ""),
    ],
)
def test_formats_are_told_by_their_first_bytes(head, kind):
    assert format_of(head) == kind


def test_a_film_is_refused_by_what_is_read():
    with pytest.raises(ImageError, match=f"is not a {FORMATS} picture; convert it"):
        load_image(iso(b"qt  ") + bytes(200), name="IMG_1.MOV")


def test_a_folder_is_searched_for_every_suffix(tmp_path):
    names = [f"photo{suffix.upper() if number % 2 else suffix}" for number, suffix in enumerate(SUFFIXES)]
    for name in [*names, "film.mov", "raw.dng", "notes.txt", ".hidden.heic"]:
        (tmp_path / name).touch()
    assert sorted(path.name for path in list_images(tmp_path)) == sorted(names)
    assert {".jfif", ".jpe", ".heic", ".heif", ".hif", ".avif", ".tif", ".tiff", ".bmp"} <= set(SUFFIXES)


def test_every_photo_has_a_result_that_can_be_written():
    assert set(RESULT_SUFFIXES.values()) <= set(WRITERS)
    assert set(WRITERS) <= set(SUFFIXES)
