"""A training from parsed arguments: order, progress bar, curve as a picture."""

import argparse
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from explain.analysis.ranges import earlier_model
from explain.analysis.training_run import Prepared, TrainingOrder, order_in, prepare, scales_of, usual_precision
from explain.cli.console import reason_lines
from explain.cli.progress import Show, bars_on
from explain.figures import THEMES
from explain.figures.kit.export import save_figure
from explain.figures.results.training_curve import draw_training, duration
from model.config import PRESETS, MIRNetConfig, preset
from model.data import PairSource
from model.errors import MirnetError
from model.training.checkpoint import LogRow
from model.training.loop import Outcome, Watcher
from model.training.recipe import Recipe
from model.training.run_log import read_card
from model.zoo import load_network

__all__ = ["CURVE", "new_order", "resumed_order", "run_order"]

CURVE = "curve.png"
DRAWN_EVERY = 10  # rounds

RECIPE = ("batch", "crop", "seed", "frame", "mixup", "photo_share", "exposure", "int8", "loss", "learning_rate")
CHOICES = ("preset", "channels", "hours", "steps", "scales", "ranges", "precision", "init_from", *RECIPE)


def new_order(args: argparse.Namespace, folder: Path) -> TrainingOrder:
    """A new training, from the command line; with `--hours`, its steps are not known yet.

    Raises:
        MirnetError: If an argument is wrong, or the folder holds a training already.
    """
    if read_card(folder) is not None:
        raise MirnetError(f"{folder} holds a training already: go on with it by --resume, or choose another folder")
    if (args.hours is None) == (args.steps is None):
        raise MirnetError("say how long to train: either --steps or --hours")
    if args.hours is not None and not 0 < args.hours < float("inf"):
        raise MirnetError(f"--hours must be a number above 0, not {args.hours}")
    size, config = _network(args)
    given = {name: getattr(args, name) for name in RECIPE if getattr(args, name) is not None}
    if args.data is None and args.low is None:  # no pairs: every crop is of a good photo made dark
        given = {"photo_share": 1.0} | given
    if args.scales is not None:
        given["scales"] = scales_of(args.scales)
    steps = 1 if args.steps is None else args.steps
    recipe = Recipe(steps=steps, precision=args.precision or usual_precision(), **given)
    order = TrainingOrder(size, config, recipe, args.init_from)
    if args.ranges is None:
        return order
    if not recipe.int8:
        raise MirnetError("--ranges are for quantization-aware training: give --int8 too")
    ranges = earlier_model(args.ranges)
    if ranges.config != config:
        raise MirnetError(f"--ranges {args.ranges}: this is the model of another network")
    return replace(order, ranges=ranges)


def _network(args: argparse.Namespace) -> tuple[str, MIRNetConfig]:
    """Its name, and its configuration: as asked for, or that of the weights to start from, which are tried here."""
    if args.init_from is None:
        size = args.preset or "desk"
        return size, preset(size) if args.channels is None else preset(size).replace(channels=args.channels)
    config = load_network(args.preset, args.init_from, channels=args.channels)[0].config
    return args.preset or next((name for name, known in PRESETS.items() if known == config), "own size"), config


def resumed_order(args: argparse.Namespace, folder: Path) -> TrainingOrder:
    """The training in a folder.

    Raises:
        MirnetError: If there is none, or the command line says what its run card says already.
    """
    if read_card(folder) is None:
        raise MirnetError(f"{folder} holds no training to go on with: leave out --resume to start one")
    given = [name for name in CHOICES if getattr(args, name) is not None]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise MirnetError(f"--resume takes everything but the data from {folder}: leave out {options}")
    order = order_in(folder)
    assert order is not None
    return order


def run_order(
    order: TrainingOrder, args: argparse.Namespace, pairs: PairSource | None, folder: Path, console: Console
) -> Outcome:
    """Trains.

    Args:
        order: What to train.
        args: Where good photos are and how long this call may take.
        pairs: Where the pairs are, if there are any.
        folder: Where everything goes.
        console: Where the progress goes.
    """
    with bars_on(console) as show:
        ready = prepare(order, folder, pairs, args.photos, lambda done, total: show("photos decoded", done, total))
        if args.hours is not None:
            console.print("measuring how long a step takes ...", soft_wrap=True)
            ready = ready.lasting(args.hours)
            fits = f"{ready.order.recipe.steps:,} steps fit into {duration(args.hours * 3600)}"
            console.print(f"{fits}; the learning rate falls over these", soft_wrap=True)
        _announce(ready, console)
        seconds = None if args.stop_after is None else args.stop_after * 60
        return ready.train(seconds, Progress(ready, show, console))


class Progress(Watcher):
    """Shows a training: a bar, a line now and then, and the curve as a picture."""

    def __init__(self, ready: Prepared, show: Show, console: Console):
        self.ready, self.show, self.console = ready, show, console

    def stepped(self, done: int, steps: int) -> None:
        """Moves the bar."""
        self.show("steps", done, steps)

    def rounded(self, rows: tuple[LogRow, ...]) -> None:
        """Says how it stands, and draws the curve, every tenth round and at the end."""
        row = rows[-1]
        if len(rows) % DRAWN_EVERY and row.step < self.ready.order.recipe.steps:
            return
        found = "" if row.validation_psnr is None else f", validation {row.validation_psnr:.2f} dB"
        line = f"step {row.step:,}: loss {row.loss:.4f}{found}, after {duration(row.seconds)}"
        self.console.print(line, soft_wrap=True)
        save_figure(draw_training(rows, THEMES["light"], *_titles(self.ready)), self.ready.folder / CURVE)


def _announce(ready: Prepared, console: Console) -> None:
    about = ready.inputs.about
    console.print("; ".join(_titles(ready)), soft_wrap=True)
    if "data" not in about:
        photos = about["photos"]
        said = f"{photos['training_photos']} good photos to train on, made dark by chance"
        console.print(f"{said}, {photos['validation_photos']} held out by {photos['split']}", soft_wrap=True)
        return
    data = about["data"]
    console.print(
        f"{data['training_pairs']} pairs to train on ({len(data['left_out'])} left out as unfit), "
        f"{data['validation_pairs']} held out by {data['split']}",
        soft_wrap=True,
    )
    for line in reason_lines(data["left_out"]):
        console.print(line, soft_wrap=True, markup=False)


def _titles(ready: Prepared) -> tuple[str, str]:
    order, recipe = ready.order, ready.order.recipe
    what = "frames of 120 x 160" if recipe.frame else f"crops of {recipe.crop} x {recipe.crop}"
    return (
        f"{order.size}, {order.config.channels} channels, {ready.net.count_params():,} parameters",
        f"{recipe.steps:,} steps of {recipe.batch} {what}, {recipe.precision}",
    )
