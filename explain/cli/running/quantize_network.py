"""Quantising as the command line asks for it: pictures for the ranges, a progress bar, files written whole."""

import argparse
import csv
import re
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from embedded.emulator import HOOKS_SUFFIX
from embedded.quantize.convert import float_model
from embedded.quantize.quantize import Quantized, quantize
from explain.analysis.camera_frames import dark_frames
from explain.analysis.ranges import earlier_model
from explain.cli.progress import bars_on
from model.errors import MirnetError
from model.training.checkpoint import replacing
from model.zoo import load_network

__all__ = ["quantize_and_write"]

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
    if args.widen < 1:
        raise MirnetError(f"--widen must be at least 1, not {args.widen}")
    net, note = load_network(args.preset, args.weights or (None if args.preset else "nano-float"))
    console.print(note, soft_wrap=True)
    ranges = None if args.ranges is None else earlier_model(args.ranges).model
    pictures = dark_frames(args.data, args.photos, args.count)
    source = f"{len(pictures)} dark photos, as the board's camera sees them" if ranges is None else args.ranges
    console.print(f"ranges from {source}", soft_wrap=True)
    with bars_on(console) as show:
        result = quantize(net, pictures, show, ranges=ranges, widen=args.widen)
    _write_all(output, result)
    console.print(_summary(result), soft_wrap=True)


def _output(name: str) -> Path:
    path = Path(name)
    if path.suffix != SUFFIX:
        raise MirnetError(f"-o {name}: the name must end in {SUFFIX}")
    if path.is_dir() or not path.parent.is_dir():
        raise MirnetError(f"-o {name}: give a file in a folder that exists")
    return path


def _refuse_photos(args: argparse.Namespace) -> None:
    if args.data is not None or args.photos is not None or args.ranges is not None:
        raise MirnetError(
            f"--data, --photos and --ranges are for ranges of whole numbers; --{args.precision} needs none"
        )


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
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
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
