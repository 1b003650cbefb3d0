"""A training seen from the command line: what to train, a bar with the time left, the curve as a picture."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from embedded.emulator import Emulator
from explain.analysis.ranges import about_ranges, earlier_model, keep_ranges, kept_ranges
from explain.figures import THEMES
from explain.figures.kit.export import save_figure
from explain.figures.results.training_curve import draw_training, duration
from model.config import MIRNetConfig, preset
from model.data import PhotoFolder, open_pairs
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.training.checkpoint import Row
from model.training.inputs import Feed, make_feed
from model.training.loop import Outcome, Watcher, steps_within, train
from model.training.recipe import Recipe
from model.training.run_log import machine, read_card, versions
from model.training.step import accelerator, training_step
from model.weights.shipped_weights import sha256_of, weights_file
from model.zoo import load_network, seed_weights

__all__ = ["CURVE", "Order", "new_order", "resumed_order", "run_order"]

CURVE = "curve.png"
DRAWN_EVERY = 10  # rounds

CHOICES = ("preset", "channels", "hours", "steps", "batch", "crop", "scales", "frame", "mixup", "photo_share", "seed")
MORE_CHOICES = ("exposure", "int8", "ranges", "loss", "learning_rate", "precision", "init_from")


@dataclass(frozen=True)
class Order:
    """What was asked for: everything that decides the weights that come out.

    Attributes:
        size: The name of the preset.
        config: The network.
        recipe: The numbers of the training. With `hours`, its steps are not known yet.
        start: What the first weights are, for the run card.
        init_from: A file of weights to start from, or None.
        hours: Time to fill with steps, or None.
        ranges: The model whose ranges the rounded tensors take, or None.
        known: The run card of a training that goes on, or None.
    """

    size: str
    config: MIRNetConfig
    recipe: Recipe
    start: dict[str, Any]
    init_from: str | None = None
    hours: float | None = None
    ranges: Emulator | None = None
    known: dict[str, Any] | None = None


def new_order(args: argparse.Namespace, folder: Path) -> Order:
    """A new training, from the words of the command line.

    Raises:
        MirnetError: If a word is wrong, or the folder holds a training already.
    """
    if read_card(folder) is not None:
        raise MirnetError(f"{folder} holds a training already: go on with it by --resume, or choose another folder")
    if (args.hours is None) == (args.steps is None):
        raise MirnetError("say how long to train: either --steps or --hours")
    if args.hours is not None and not 0 < args.hours < float("inf"):
        raise MirnetError(f"--hours must be a number above 0, not {args.hours}")
    size = args.preset or "desk"
    config = preset(size) if args.channels is None else preset(size).replace(channels=args.channels)
    precision = args.precision or ("mixed_bfloat16" if accelerator() else "float32")
    names = ("batch", "crop", "seed", "frame", "mixup", "photo_share", "exposure", "int8", "loss", "learning_rate")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.scales is not None:
        given["scales"] = _scales(args.scales)
    recipe = Recipe(steps=1 if args.steps is None else args.steps, precision=precision, **given)
    start: dict[str, Any] = {"weights": "random", "seed": recipe.seed}
    if args.init_from is not None:
        load_network(config, args.init_from)  # a wrong file is told before anything slow
        start = {"weights": Path(args.init_from).name, "sha256": sha256_of(weights_file(args.init_from))}
    ranges = None
    if args.ranges is not None:
        if not recipe.int8:
            raise MirnetError("--ranges are those to which --int8 rounds: give both")
        ranges = earlier_model(args.ranges)
        if ranges.config != config:
            raise MirnetError(f"--ranges {args.ranges}: this is the model of another network")
    return Order(size, config, recipe, start, args.init_from, args.hours, ranges)


def resumed_order(args: argparse.Namespace, folder: Path) -> Order:
    """The training in a folder, as its run card has it.

    Raises:
        MirnetError: If there is none, or the command line says what the card says already.
    """
    card = read_card(folder)
    if card is None:
        raise MirnetError(f"{folder} holds no training to go on with: leave out --resume to start one")
    given = [name for name in (*CHOICES, *MORE_CHOICES) if getattr(args, name) is not None]
    if given:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise MirnetError(f"--resume takes everything but the data from {folder}: leave out {words}")
    try:
        config = MIRNetConfig(**card["network"])
        ranges = kept_ranges(card, folder)
        return Order(card["preset"], config, Recipe.from_dict(card["recipe"]), card["start"], ranges=ranges, known=card)
    except (KeyError, TypeError) as error:
        raise MirnetError(f"{folder}/run.json is no run card of a training ({error}); start anew elsewhere") from error


def run_order(order: Order, args: argparse.Namespace, folder: Path, console: Console) -> Outcome:
    """Trains.

    Args:
        order: What to train.
        args: Where the data is and how long this call may take.
        folder: Where everything goes.
        console: Where the progress goes.
    """
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    with bars:
        feed = _feed(order, args, bars)
        _refuse_other_data(order, feed, folder)
        net = _network(order)
        recipe = order.recipe
        step = training_step(net, recipe.clip, recipe.int8, keep_ranges(order.ranges, folder), recipe.loss)
        if order.hours is not None:
            console.print("measuring how long a step takes ...", soft_wrap=True)
            steps = steps_within(order.hours * 3600, step, feed.batches, recipe.batch)
            recipe = Recipe.from_dict(recipe.to_dict() | {"steps": steps})
            console.print(
                f"{steps:,} steps fit into {duration(order.hours * 3600)}; the learning rate falls over these",
                soft_wrap=True,
            )
        card = order.known or {
            "preset": order.size,
            "parameters": net.count_params(),
            "start": order.start,
            **feed.about,
            **about_ranges(order.ranges),
            "versions": versions(),
            "machine": machine(),
        }
        _announce(order, recipe, net, feed, console)
        return train(
            net,
            feed.batches,
            recipe,
            folder,
            card=card,
            validate=feed.validate if feed.validation else None,
            seconds=None if args.stop_after is None else args.stop_after * 60,
            watcher=Bar(bars, recipe.steps, folder, _titles(order, recipe, net)),
            step=step,
        )


class Bar(Watcher):
    """Shows a training: a bar, a line now and then, and the curve as a picture."""

    def __init__(self, bars: Progress, steps: int, folder: Path, titles: tuple[str, str]):
        self.bars, self.steps, self.folder, self.titles = bars, steps, folder, titles
        self.task = bars.add_task("steps", total=steps)

    def stepped(self, done: int, steps: int) -> None:
        """Moves the bar."""
        self.bars.update(self.task, completed=done)

    def rounded(self, rows: tuple[Row, ...]) -> None:
        """Says how it stands, and draws the curve, every tenth round and at the end."""
        row = rows[-1]
        if len(rows) % DRAWN_EVERY and row.step < (self.steps):
            return
        found = "" if row.validation_psnr is None else f", validation {row.validation_psnr:.2f} dB"
        self.bars.console.print(
            f"step {row.step:,}: loss {row.loss:.4f}{found}, after {duration(row.seconds)}", soft_wrap=True
        )
        save_figure(draw_training(rows, THEMES["light"], *self.titles), self.folder / CURVE)


def _feed(order: Order, args: argparse.Namespace, bars: Progress) -> Feed:
    task = bars.add_task("photos decoded", total=None)
    pairs = open_pairs(args.data)
    photos = None if args.photos is None else PhotoFolder(args.photos)
    feed = make_feed(order.recipe, pairs, photos, lambda done, total: bars.update(task, completed=done, total=total))
    bars.remove_task(task)
    return feed


def _refuse_other_data(order: Order, feed: Feed, folder: Path) -> None:
    if order.known is None:
        return
    for kind in ("data", "photos"):
        here, there = (about.get(kind, {}).get("sha256") for about in (feed.about, order.known))
        if here != there:
            raise MirnetError(f"the {kind} differ from those that the training in {folder} began with: give the same")


def _network(order: Order) -> MIRNet:
    net = MIRNet(order.config, dtype=order.recipe.precision)
    if order.init_from is None:
        seed_weights(net, order.recipe.seed)
    else:
        net.set_weights(load_network(order.config, order.init_from)[0].get_weights())
    return net


def _announce(order: Order, recipe: Recipe, net: MIRNet, feed: Feed, console: Console) -> None:
    title, how = _titles(order, recipe, net)
    data = feed.about["data"]
    console.print(f"{title}; {how}", soft_wrap=True)
    console.print(
        f"{data['training_pairs']} pairs to train on ({len(data['left_out'])} left out as unfit), "
        f"{data['validation_pairs']} held out by {data['split']}",
        soft_wrap=True,
    )


def _titles(order: Order, recipe: Recipe, net: MIRNet) -> tuple[str, str]:
    what = "frames of 120 x 160" if recipe.frame else f"crops of {recipe.crop} x {recipe.crop}"
    return (
        f"{order.size}, {order.config.channels} channels, {net.count_params():,} parameters",
        f"{recipe.steps:,} steps of {recipe.batch} {what}, {recipe.precision}",
    )


def _scales(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise MirnetError(f"--scales must be whole numbers with commas between, such as 1,2,4, not {text!r}")
    return tuple(int(part) for part in parts)
