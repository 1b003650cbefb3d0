"""The comparison of float and int8 as the command line asks for it: pairs, a progress bar, a table, files."""

import argparse
import csv
import math
from dataclasses import asdict, fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from embedded.emulator import Emulator
from embedded.models.shipped_models import model_file
from explain.analysis.camera_frames import frame_pairs
from explain.analysis.precision import LEAST_PAIRS, HookCost, Precision, compare_precision
from explain.cli.progress import bars_on
from explain.figures import THEMES
from explain.figures.kit.export import check_target, save_figure
from explain.figures.results.float_and_int8 import draw_precision
from model.errors import MirnetError
from model.training.checkpoint import replacing
from model.zoo import load_network

__all__ = ["compare_and_show"]


def compare_and_show(args: argparse.Namespace, console: Console, table: Console) -> None:
    """Compares as `mirnet layers` is asked to.

    Args:
        args: The words of the command line.
        console: Where progress and notes go.
        table: Where the result goes.

    Raises:
        MirnetError: If a word is wrong, a file cannot be read, or model and network do not belong together.
    """
    if args.count < LEAST_PAIRS or args.top < 1:
        raise MirnetError(f"--count must be at least {LEAST_PAIRS} and --top at least 1")
    if args.picture is not None:
        check_target(args.picture)  # before anything slow: a wrong path is told at once
    if args.csv is not None and (Path(args.csv).is_dir() or not Path(args.csv).parent.is_dir()):
        raise MirnetError(f"--csv {args.csv}: give a file in a folder that exists")
    emulator = Emulator(model_file(args.model))
    net, note = load_network(emulator.config, args.weights)
    console.print(note, soft_wrap=True)
    pairs = frame_pairs(args.data, args.count)
    with bars_on(console) as show:
        found = compare_precision(net, emulator, pairs, show)
    table.print(_table(found, args.top))
    table.print(_footnote(found), style="dim", soft_wrap=True)
    if args.csv is not None:
        _write(Path(args.csv), found)
    if args.picture is not None:
        title = f"{Path(args.model).name} beside {Path(args.weights).name}"
        save_figure(draw_precision(found, THEMES[args.theme], title), args.picture)


def _table(found: Precision, top: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("hook point")
    for name in ("SQNR", "at the ends", "cost", "worst picture", "brightness", "mixed model"):
        table.add_column(name, justify="right", no_wrap=True)
    for hook in found.ranked[:top]:
        table.add_row(
            hook.name,
            f"{hook.sqnr:.1f} dB" if math.isfinite(hook.sqnr) else "exact",
            f"{hook.saturated:.1%}",
            f"{hook.cost:.3f} dB",
            f"{hook.worst:.2f} dB",
            f"{hook.shift:.2f}",
            "" if hook.confirmed is None else f"{hook.confirmed:.3f} dB",
        )
    return table


def _footnote(found: Precision) -> str:
    return (
        f"{found.pairs} pairs of frames: float {found.float_psnr:.2f} dB, int8 {found.int8_psnr:.2f} dB, every one of "
        f"{len(found.hooks)} tensors rounded {found.simulated_psnr:.2f} dB. Cost: PSNR lost when this tensor alone is "
        "rounded, mean and worst picture; brightness: how far the mean then moves, in grey levels of 255."
    )


def _write(path: Path, found: Precision) -> None:
    rows = [asdict(hook) for hook in found.hooks]
    with replacing(path) as unfinished, open(unfinished, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=[field.name for field in fields(HookCost)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
