"""Quantising as the command line asks for it: pictures for the ranges, a progress bar, files written whole."""

import argparse
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from embedded.convert import float_model
from embedded.emulator import HOOKS_SUFFIX
from embedded.quantize import Quantized, quantize
from model.checkpoint import replacing
from model.darken import darken, through_camera
from model.data import open_pairs, split
from model.errors import MirnetError
from model.images import list_images, load_image
from model.pixels import to_frame
from model.samples import SAMPLES, load_sample
from model.zoo import load_network

__all__ = ["dark_pictures", "quantize_and_write"]

SUFFIX = ".tflite"
REPORT_SUFFIX = ".csv"


def quantize_and_write(args: argparse.Namespace, console: Console) -> None:
    """Converts a network as `mirnet quantize` is asked to.

    Args:
        args: The words of the command line.
        console: Where progress and notes go.

    Raises:
        MirnetError: If a word is wrong, a picture cannot be read, or the network cannot be converted.
    """
    output = _output(args.output)
    if args.precision is not None:
        _refuse_photos(args)
        net, note = load_network(args.preset, args.weights)
        console.print(note, soft_wrap=True)
        model = float_model(net, _size(args.size), args.precision)
        _write(output, model)
        console.print(f"{args.precision}, {len(model) / 1e6:,.2f} MB", soft_wrap=True)
        return
    if args.count < 1:
        raise MirnetError(f"--count must be at least 1, not {args.count}")
    net, note = load_network(args.preset, args.weights or (None if args.preset else "nano-float"))
    console.print(note, soft_wrap=True)
    pictures = dark_pictures(args.data, args.photos, args.count)
    console.print(f"ranges from {len(pictures)} dark photos, as the board's camera sees them", soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, steps: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=steps)

        result = quantize(net, pictures, show)
    _write_all(output, result)
    console.print(_summary(result), soft_wrap=True)


def dark_pictures(data: str | None, photos: str | None, count: int) -> list[np.ndarray]:
    """Dark photos as the board's camera hands them over.

    Args:
        data: A folder or a packed file of pairs; the dark ones of its training part are taken.
        photos: Or a folder of dark photos.
        count: How many at most, evenly spread.

    Returns:
        (120, 160, 3) uint8 each; of the project's samples if neither is given.

    Raises:
        MirnetError: If both are given, or nothing is found.
    """
    if data is not None and photos is not None:
        raise MirnetError("give --data or --photos, not both")
    if data is not None:
        pairs = open_pairs(data)
        return [_seen(pairs.load(name)[0]) for name in _spread(split(pairs).training, count)]
    if photos is not None:
        paths = list_images(Path(photos))
        if not paths:
            raise MirnetError(f"--photos {photos}: this folder holds no PNG, JPEG or WebP photo")
        return [_seen(load_image(path)) for path in _spread(paths, count)]
    return [_seen(photo) for photo in _samples(count)]


def _samples(count: int) -> Iterator[np.ndarray]:
    """The project's dark photos, then parts of their bright ones, darkened at random as far as LOL's photos are."""
    rng = np.random.default_rng(0)
    for k in range(count):
        dark, bright = load_sample(SAMPLES[k % len(SAMPLES)].name)
        if k < len(SAMPLES):
            yield dark
            continue
        height, width = (int(side * rng.uniform(0.5, 1)) for side in bright.shape[:2])
        top, left = (
            int(rng.integers(0, whole - part + 1)) for whole, part in zip(bright.shape, (height, width), strict=False)
        )
        part = bright[top : top + height, left : left + width]
        yield darken(part[:, ::-1] if rng.random() < 0.5 else part, rng)


def _seen(photo: np.ndarray) -> np.ndarray:
    return through_camera(to_frame(photo), "yuv422")


def _spread(items: Sequence, count: int) -> list:
    """At most so many of them, evenly spread."""
    places = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return [items[place] for place in places]


def _output(name: str) -> Path:
    path = Path(name)
    if path.suffix != SUFFIX:
        raise MirnetError(f"-o {name}: the name must end in {SUFFIX}")
    if path.is_dir() or not path.parent.is_dir():
        raise MirnetError(f"-o {name}: give a file in a folder that exists")
    return path


def _refuse_photos(args: argparse.Namespace) -> None:
    if args.data is not None or args.photos is not None:
        raise MirnetError(f"--data and --photos are for ranges of whole numbers; --{args.precision} needs none")


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    if found is None:
        raise MirnetError(f"--size must be like 256x256 (height x width), not {text!r}")
    return int(found[1]), int(found[2])


def _write_all(output: Path, result: Quantized) -> None:
    result.hooks.save(output.with_suffix(HOOKS_SUFFIX))
    with replacing(output.with_suffix(REPORT_SUFFIX)) as unfinished:
        with open(unfinished, "w", newline="", encoding="utf-8") as file:
            rows = [asdict(row) | {"shape": "x".join(map(str, row.shape))} for row in result.rows]
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    _write(output, result.model)  # last: where the model is, everything is


def _write(output: Path, model: bytes) -> None:
    with replacing(output) as unfinished:
        unfinished.write_bytes(model)


def _summary(result: Quantized) -> str:
    missing = [name for name, place in result.hooks.places.items() if place.tensor is None]
    fused = f", {len(missing)} of them fused away" if missing else ", every one a tensor of its own"
    kinds = sorted({row.operator.split()[0] for row in result.rows})
    return (
        f"int8, {len(result.model):,} bytes, {len(result.rows)} operators of {len(kinds)} kinds; "
        f"{len(result.hooks.places)} hook points{fused}"
    )
