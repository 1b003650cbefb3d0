"""Photos of 16 bits for each colour: what a raw converter or a scanner gives, and what a dark gradient needs.

Pillow keeps 8 of the 16 bits of a colour. But it can be told in which order a colour's two bytes are, so it is asked
twice: once for the high bytes and once for the low ones. That reads every compression that it knows, and needs no
other package.
"""

import sys
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin

from model.images.photo_formats import load_upright, open_picture

__all__ = ["grey_levels", "is_wide", "read_wide"]

WHITE, WHITE_12_BITS = 65535, 4095
WHITE_IS_ZERO = 0  # of TIFF's tag PhotometricInterpretation


def is_wide(picture: Image.Image) -> bool:
    """Whether an opened picture, not decoded yet, is grey or RGB of 16 bits."""
    raw = _raw_mode(picture)
    return picture.mode.startswith("I;16") or raw.startswith(("RGB;16", "RGBA;16", "RGBX;16", "RGBa;16", "LA;16"))


def read_wide(file: BinaryIO, max_pixels: int, name: str) -> tuple[Image.Image, np.ndarray]:
    """Decodes a picture of 16 bits.

    Args:
        file: An open file at the start of a picture that `is_wide`.
        max_pixels: Largest width times height.
        name: What to call the picture in an error.

    Returns:
        Pillow's picture, decoded, for what else it knows; and the pixels, (height, width, 1 to 4) uint16: grey or RGB
        upright, with alpha behind them if there is any, not premultiplied.

    Raises:
        ImageError: As for `open_picture`.
    """
    start = file.tell()
    picture = open_picture(file, max_pixels, name)
    raw = _raw_mode(picture)
    if picture.mode.startswith("I;16"):
        load_upright(picture)
        return picture, _with_declared_alpha(picture, grey_levels(picture)[..., None])
    if raw.startswith("LA;16"):  # four bytes: high and low of grey, high and low of alpha
        _set_raw_mode(picture, "RGBA")
        load_upright(picture)
        four = np.asarray(picture).astype(np.uint16)  # (height, width, 4)
        return picture, four[..., 0::2] << 8 | four[..., 1::2]
    high, low = _halves(raw.replace("RGBa", "RGBA"))
    _set_raw_mode(picture, high)
    load_upright(picture)
    file.seek(start)
    again = open_picture(file, max_pixels, name)
    _set_raw_mode(again, low)
    load_upright(again)
    pixels = np.asarray(picture).astype(np.uint16) * np.uint16(256)
    pixels |= np.asarray(again)
    return picture, _with_declared_alpha(picture, _straight(pixels) if raw.startswith("RGBa") else pixels)


def grey_levels(picture: Image.Image) -> np.ndarray:
    """(height, width) uint16 of a decoded grey picture of more than 8 bits: black 0, white 65535.

    TIFF knows 12 bits, and white at 0, which Pillow leaves as they are.
    """
    grey = np.asarray(picture).astype(np.uint16)
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        if picture.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE) == (12,):
            grey = np.rint(grey * (WHITE / WHITE_12_BITS)).clip(0, WHITE).astype(np.uint16)
        if picture.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO:
            grey = np.uint16(WHITE) - grey
    return grey


def _raw_mode(picture: Image.Image) -> str:
    """How Pillow calls the layout of a pixel's bytes in the file; empty if it has none."""
    tiles = getattr(picture, "tile", None)
    args = tiles[0].args if tiles else ""
    return args if isinstance(args, str) else str(args[0]) if args else ""


def _set_raw_mode(picture: Any, raw: str) -> None:
    picture.tile = [
        tile._replace(args=raw if isinstance(tile.args, str) else (raw, *tile.args[1:])) for tile in picture.tile
    ]


def _halves(raw: str) -> tuple[str, str]:
    """The layouts that give the high and the low bytes: "RGB;16B" is big-endian, L little, N the processor's."""
    kind, order = raw[:-1], raw[-1]
    if order == "N":
        order = "L" if sys.byteorder == "little" else "B"
    return kind + order, kind + ("B" if order == "L" else "L")


def _with_declared_alpha(picture: Image.Image, pixels: np.ndarray) -> np.ndarray:
    """A PNG may declare one colour transparent."""
    declared = picture.info.get("transparency")
    if declared is None or pixels.shape[2] not in (1, 3):
        return pixels
    alpha = np.where((pixels == np.asarray(declared)).all(axis=-1, keepdims=True), 0, WHITE)
    return np.concatenate([pixels, alpha.astype(np.uint16)], axis=-1)


def _straight(pixels: np.ndarray) -> np.ndarray:
    """Colours that were multiplied by alpha, divided by it."""
    alpha = pixels[..., 3:].astype(np.float32)
    colours = pixels[..., :3] * (WHITE / np.maximum(alpha, 1))
    return np.concatenate([np.rint(colours.clip(0, WHITE)).astype(np.uint16), pixels[..., 3:]], axis=-1)
