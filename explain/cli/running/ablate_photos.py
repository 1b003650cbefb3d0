"""Ablations as the command line asks for them: photos, a progress bar, a table, files."""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from explain.analysis.ablation.every_ablation import Pair, Row, ablation_table
from explain.analysis.ablation.interventions import ablations, choose
from explain.analysis.ablation.run_ablated import Effect, effect
from explain.cli.progress import bars_on
from explain.figures import THEMES
from explain.figures.kit.export import check_target, save_figure
from explain.figures.kit.sheet import Sheet
from explain.figures.results.ablations import draw_ablations, draw_effect
from model.errors import ImageError, MirnetError
from model.images.photo_files import load_image, resize_to_fit
from model.mirnet import MIRNet
from model.samples import SAMPLES, load_sample
from model.training.checkpoint import replacing
from model.zoo import default_weights, load_network

__all__ = ["ablate_and_show"]

LEAST_SIDE = 16  # pixels


def ablate_and_show(args: argparse.Namespace, console: Console, out: Console) -> None:
    """Ablates as `mirnet ablate` is asked to.

    Args:
        args: The words of the command line.
        console: Where progress and notes go.
        out: Where the result goes.

    Raises:
        MirnetError: If a word is wrong or a file cannot be read or written.
    """
    _check(args)
    net, note = load_network(args.preset, args.weights)
    if args.list:
        for ablation in ablations(net.config):
            out.print(f"{ablation.key:<62} {ablation.words}", soft_wrap=True, markup=False)
        return
    chosen = None if args.only is None else choose(net.config, args.only)
    pairs = _pairs(args)
    console.print(note, soft_wrap=True)
    with bars_on(console) as show:
        rows = ablation_table(net, pairs, lambda done, total: show("ablations", done, total), chosen)
    out.print(_table(rows, args.top))
    out.print("Change (root mean square) and brightness (mean) in grey levels of 255.", style="dim", soft_wrap=True)
    together = effect(net, pairs[0][0], chosen, pairs[0][1]) if chosen else None
    if together is not None and len(together.chosen) > 1:
        out.print(f"All {len(together.chosen)} at once, first photo: {_said(together)}", soft_wrap=True)
    if args.csv is not None:
        _write(Path(args.csv), rows)
    if args.picture is not None:
        figure = _figure(args, net, pairs, rows, together)
        save_figure(figure, args.picture)
        out.print(figure.caption, soft_wrap=True, markup=False)


def _check(args: argparse.Namespace) -> None:
    """Whatever can be wrong, before anything slow."""
    if args.list:
        return
    if args.photo is None and not args.samples:
        raise MirnetError("give a PHOTO, or --samples for the project's own; --list shows what can be switched off")
    if args.reference is not None and args.photo is None:
        raise MirnetError("--reference belongs to a PHOTO; the samples have their own")
    if args.side < LEAST_SIDE or args.top < 1:
        raise MirnetError(f"--side must be at least {LEAST_SIDE} and --top at least 1")
    if args.picture is not None:
        check_target(args.picture)
    if args.csv is not None and (Path(args.csv).is_dir() or not Path(args.csv).parent.is_dir()):
        raise MirnetError(f"--csv {args.csv}: give a file in a folder that exists")


def _pairs(args: argparse.Namespace) -> list[Pair]:
    """The photos, shrunk to `--side`."""
    if args.samples:
        loaded = [load_sample(sample.name) for sample in SAMPLES]
        return [(resize_to_fit(dark, args.side), resize_to_fit(bright, args.side)) for dark, bright in loaded]
    photo = load_image(args.photo)
    if args.reference is None:
        return [(resize_to_fit(photo, args.side), None)]
    reference = load_image(args.reference)
    if reference.shape != photo.shape:
        sizes = [f"{picture.shape[1]} x {picture.shape[0]}" for picture in (photo, reference)]
        raise ImageError(f"--reference must have the photo's size, {sizes[0]} pixels, not {sizes[1]}")
    return [(resize_to_fit(photo, args.side), resize_to_fit(reference, args.side))]


def _figure(
    args: argparse.Namespace, net: MIRNet, pairs: Sequence[Pair], rows: Sequence[Row], together: Effect | None
) -> Sheet:
    theme = THEMES[args.theme]
    if together is not None:
        dark, bright = pairs[0]
        return draw_effect(together, dark, bright, theme)
    count = "1 photo" if len(pairs) == 1 else f"{len(pairs)} photos"
    size = f"{count}, at most {args.side} pixels wide or high"
    return draw_ablations(rows, theme, subtitle=f"{_network(args, net)}; {size}")


def _network(args: argparse.Namespace, net: MIRNet) -> str:
    config = net.config
    weights = Path(args.weights or default_weights(config)).name
    return f"weights {weights}, {config.groups} groups of {config.blocks} blocks, {config.streams} streams"


def _table(rows: Sequence[Row], top: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("switched off", overflow="fold")
    scored = rows[0].loss is not None
    for name in (["dB lost", "worst photo"] if scored else []) + ["change", "brightness"]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows[:top]:
        scores = [] if row.loss is None else [f"{row.loss:.2f} dB", f"{row.worst:.2f} dB"]
        table.add_row(row.ablation.key, *scores, f"{row.rms:.1f}", f"{row.shift:+.1f}")
    return table


def _said(found: Effect) -> str:
    words = f"change {found.rms:.1f}, brightness {found.shift:+.1f} grey levels"
    return words if found.change is None else f"{found.change:+.2f} dB, {words}"


def _write(path: Path, rows: Sequence[Row]) -> None:
    with replacing(path) as unfinished, open(unfinished, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("key", "kind", "site", "stream", "loss_db", "worst_db", "rms_levels", "shift_levels"))
        for row in rows:
            one = row.ablation
            writer.writerow((one.key, one.kind, one.site, one.stream, row.loss, row.worst, row.rms, row.shift))
