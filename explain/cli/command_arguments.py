"""Options, checks and inputs that several commands share. Light: `mirnet --help` imports this."""

import argparse
from typing import Any

__all__ = [
    "DATA_OPTIONS",
    "PHOTO_FORMATS",
    "WEIGHTS",
    "add_data_options",
    "add_network_options",
    "at_least",
    "load_reference",
    "pairs_of",
    "parse_size",
]

PHOTO_FORMATS = "JPEG, PNG, HEIC, WebP, AVIF, TIFF, BMP"
WEIGHTS = (
    "desk, nano-float or random; a run folder of mirnet train; a file: .weights.h5, .keras, .npz, .safetensors, .pth"
)
"""What `--weights` takes, for its help."""


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--preset` and `--weights`, which `model.zoo.load_network` takes."""
    parser.add_argument("--preset", metavar="NAME", help="size of the network (that of the weights, or desk)")
    parser.add_argument("--weights", metavar="W", help=WEIGHTS)


DATA_OPTIONS = ("data", "low", "high")


def add_data_options(parser: argparse.ArgumentParser, what: str = "pairs of dark and bright photos") -> None:
    """Adds `--data`, or `--low` and `--high`, which `pairs_of` reads.

    Args:
        parser: Of a command.
        what: What the pairs are for.
    """
    parser.add_argument(
        "--data",
        metavar="DATA",
        help=f"{what}: a folder with low/ and high/ (input/ and target/, ...), or a packed file",
    )
    parser.add_argument("--low", metavar="DIR", help="instead of --data: the dark photos, a folder or one")
    parser.add_argument("--high", metavar="DIR", help="and the bright ones, called the same")


def pairs_of(args: argparse.Namespace, required: bool = True) -> Any:
    """Where the pairs of photos are, as `model.data.open_pairs` takes it; None if none are given nor required.

    Raises:
        MirnetError: If they are required and not given, given twice, or not there: told before anything slow.
    """
    from model.data import open_pairs
    from model.errors import MirnetError

    if (args.low is None) != (args.high is None):
        raise MirnetError("--low and --high belong together: give both, or --data")
    if args.low is not None and args.data is not None:
        raise MirnetError("pairs are either in --data, or in --low and --high: give one of the two")
    if args.low is None and args.data is None:
        if required:
            raise MirnetError("pairs of photos are needed: give --data DATA, or --low DIR and --high DIR")
        return None
    where = args.data if args.low is None else (args.low, args.high)
    open_pairs(where)
    return where


def at_least(args: argparse.Namespace, **limits: int) -> None:
    """Checks numbers among parsed arguments; None passes.

    Args:
        args: Parsed arguments.
        **limits: Name of an argument to its least value.

    Raises:
        MirnetError: If one is smaller.
    """
    from model.errors import MirnetError

    for name, least in limits.items():
        value = getattr(args, name)
        if value is not None and value < least:
            raise MirnetError(f"--{name} must be at least {least}, not {value}")


def parse_size(text: str) -> tuple[int, int]:
    """Height and width from `256x384`.

    Raises:
        MirnetError: If it is not two integers with an `x` between.
    """
    from model.errors import MirnetError

    height, _, width = text.lower().replace("×", "x").partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise MirnetError(f"--size must be height x width in pixels, such as 256x384, not {text!r}")
    return int(height), int(width)


def load_reference(path: str | None, photo: Any) -> Any:
    """The photo of `--reference`, (height, width, 3) uint8; None without one.

    Raises:
        ImageError: If it cannot be read, or has another size than `photo`.
    """
    from model.errors import ImageError
    from model.images.photo_files import load_image

    reference = None if path is None else load_image(path)
    if reference is not None and reference.shape != photo.shape:
        sizes = [f"{picture.shape[1]} x {picture.shape[0]}" for picture in (photo, reference)]
        raise ImageError(f"--reference must have the photo's size, {sizes[0]} pixels, not {sizes[1]}")
    return reference
