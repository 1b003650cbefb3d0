"""Photos of `mirnet view`: taken or sent, restored by the board, shown and saved, one after the other.

    board-photos/photo-0001/before.png  after.png  both.png

A photo is saved whole or not at all: its folder gets its name, the next free number, when all that is in it is there.
"""

import argparse
import itertools
import math
import re
import secrets
import shutil
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from embedded.camera.ov7675 import Camera
from embedded.link.client import Shot
from explain.cli.command_arguments import at_least
from explain.cli.progress import bars_on
from explain.cli.running.board_link import Link, connected, memory_summary, timing_table
from explain.cli.running.terminal_pictures import side_by_side
from explain.figures.kit.export import save_figure
from explain.figures.kit.themes import THEMES, Theme
from explain.figures.results.board_photo import draw_shot
from model.errors import MirnetError
from model.images.camera_formats import ROWS
from model.images.photo_files import load_image, save_image
from model.safety.whole_files import check_output_folder
from model.samples import load_sample

__all__ = ["save_shot", "view"]

PREVIEW = 80  # columns
SLOWEST = 6  # kinds of operator in the table
SCENE = "kingfisher"  # before the camera of a simulated board
NAME = re.compile(r"photo-(\d+)")


@dataclass(frozen=True, eq=False)
class PhotoSource:
    """Where photos come from.

    Attributes:
        title: What to write above one.
        take: Takes one; calls back with how many of its rows are restored, and how many there are.
        by_camera: Whether it is the board's camera.
    """

    title: str
    take: Callable[[Callable[[int, int], None]], Shot]
    by_camera: bool = False


def view(args: argparse.Namespace, console: Console, out: Console) -> None:
    """Takes photos as `mirnet view` is asked to.

    Args:
        args: The parsed arguments.
        console: Where progress and notes go.
        out: Where results go.

    Raises:
        MirnetError: If an argument is wrong, the board cannot be reached or fails, or nothing can be written. Photos
            that were saved before stay.
    """
    _check(args)
    photo = None if args.photo is None else load_image(args.photo)
    folder = Path(args.output)
    with connected(args, console, _scene()) as link:
        console.print(link.summary, soft_wrap=True, markup=False)
        source, saved = _source(link, args, photo), 0
        try:
            for number in _turns(args.count, args.every):
                shot = _taken(source, f"rows of photo {number}", console)
                saved_in = _keep(link, shot, folder, THEMES[args.theme], source.title, out)
                saved += 1
                if source.by_camera and (doubt := link.info.camera.looks_wrong(shot.frame)):
                    console.print(doubt, style="yellow", soft_wrap=True, markup=False)
                if number == 1:
                    _tell(link, out)
                    _open(saved_in, args.show, console)
        finally:
            if saved > 1:
                out.print(f"{saved} photos are in {folder}", soft_wrap=True, markup=False)


def save_shot(folder: Path, before: np.ndarray, after: np.ndarray, both: Callable[[Path], None]) -> Path:
    """Saves a photo in a folder of its own, `photo-0001` or the next number that is free.

    Args:
        folder: Where to; made if needed.
        before: (120, 160, 3) uint8.
        after: (120, 160, 3) uint8.
        both: Writes both into the file that it is given.

    Returns:
        The photo's folder, with `before.png`, `after.png` and `both.png`.

    Raises:
        MirnetError: If it cannot be written; then nothing is left of it.
    """
    unfinished = folder / f".unfinished-{secrets.token_hex(6)}"
    try:
        unfinished.mkdir(parents=True)
        save_image(unfinished / "before.png", before)
        save_image(unfinished / "after.png", after)
        both(unfinished / "both.png")
        return _numbered(unfinished, folder)
    except OSError as error:
        raise MirnetError(f"{folder} cannot be written to ({error.strerror}): choose another folder with -o") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _numbered(unfinished: Path, folder: Path) -> Path:
    """Gives a folder the next number; a name that somebody else has taken meanwhile stays theirs."""
    taken = [int(match[1]) for path in folder.iterdir() if (match := NAME.fullmatch(path.name))]
    number = max(taken, default=0) + 1
    while True:
        target = folder / f"photo-{number:04d}"
        try:
            return unfinished.rename(target)
        except OSError:
            if not target.exists():
                raise
        number += 1


def _check(args: argparse.Namespace) -> None:
    at_least(args, count=1)
    if args.every is not None and not 0 <= args.every < math.inf:
        raise MirnetError(f"--every is a number of seconds, 0 or more, not {args.every:g}")
    check_output_folder(args.output, "-o")


def _scene() -> np.ndarray:
    """What the camera of a simulated board sees."""
    return Camera().capture(load_sample(SCENE)[0])


def _source(link: Link, args: argparse.Namespace, photo: np.ndarray | None) -> PhotoSource:
    if args.pattern:
        return PhotoSource("The board's test pattern", link.board.pattern)
    if photo is None:
        return PhotoSource("A photo of the board's camera", link.board.capture, by_camera=True)
    frame = link.info.camera.capture(photo)
    return PhotoSource(Path(args.photo).name, lambda progress: Shot(frame, link.board.enhance(frame, progress)))


def _turns(count: int | None, every: float | None) -> Iterator[int]:
    """Counts photos from 1, each when it is due."""
    start = time.monotonic()
    last = 1 if count is None and every is None else count
    for number in itertools.count(1) if last is None else range(1, last + 1):
        time.sleep(max(0.0, start + (number - 1) * (every or 0) - time.monotonic()))
        yield number


def _taken(source: PhotoSource, name: str, console: Console) -> Shot:
    """A photo, with a bar for its rows as they arrive."""
    with bars_on(console) as show:
        show(name, 0, ROWS)
        return source.take(lambda rows, of: show(name, rows, of))


def _keep(link: Link, shot: Shot, folder: Path, theme: Theme, title: str, out: Console) -> Path:
    """Saves a photo and shows it; returns its folder."""
    camera, seconds = link.info.camera, sum(link.board.timings().seconds)
    before, after = camera.picture(shot.frame), shot.picture
    board = f"{link.info.name}, network {link.info.model_hash.hex()}: {seconds:.2f} s"
    sheet = draw_shot(before, after, theme, title, board)
    saved_in = save_shot(folder, before, after, lambda path: save_figure(sheet, path))
    if out.is_terminal and out.color_system is not None:
        out.print(side_by_side([("before", before), ("after", after)], min(PREVIEW, out.width)))
    levels = f"mean level {before.mean():.0f} before and {after.mean():.0f} after, of 255"
    out.print(f"{saved_in}: {seconds:.2f} s, {levels}", soft_wrap=True, markup=False)
    return saved_in


def _tell(link: Link, out: Console) -> None:
    """How long the network took and how much memory is in use."""
    out.print(timing_table(link.fit, link.board.timings(), SLOWEST))
    if link.simulated:
        out.print("measured: on this computer, which says nothing about a Nano", style="dim")
    out.print(memory_summary(link.fit, link.board.memory()), soft_wrap=True)


def _open(folder: Path, wanted: bool, console: Console) -> None:
    path = (folder / "both.png").resolve()
    if wanted and not webbrowser.open(path.as_uri()):
        console.print(f"No viewer was found: open {path} yourself.", soft_wrap=True, markup=False)
