"""An evaluation seen from the command line: what is measured on what, a progress bar, a table, a picture."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from explain.figures import THEMES
from explain.figures.cases import Case, draw_cases
from explain.figures.export import check_target, save_figure
from model.config import MIRNetConfig, preset
from model.data import open_pairs, split
from model.errors import MirnetError
from model.evaluate import METHODS, Interval, Pairs, Results, View, evaluate, fit_curve, restored_by
from model.mirnet import MIRNet
from model.runlog import read_card
from model.shipped import RANDOM, SHIPPED, sha256_of, weights_file
from model.zoo import default_weights, load_network

__all__ = ["evaluate_and_show"]

SHOWN = 3  # worst and best cases


def evaluate_and_show(args: argparse.Namespace, console: Console, table: Console) -> None:
    """Evaluates a network as the command line asks.

    Args:
        args: The words of `mirnet evaluate`.
        console: Where progress and notes go.
        table: Where the result goes.

    Raises:
        MirnetError: If a word is wrong, or pictures or weights cannot be used.
    """
    view = View(args.resize or 0, args.frame or "")
    if args.resize is not None and args.resize < 1:
        raise MirnetError(f"--resize must be at least 1 pixel, not {args.resize}")
    if args.picture is not None:
        check_target(args.picture)  # before anything slow: a wrong path is told at once
    _check_folder(args.json)
    config = _config(args)
    pairs = open_pairs(args.data)
    names, fitted_on, fit_names = _chosen(args, pairs)
    weights = args.weights or default_weights(config)
    net, note = load_network(config, weights)
    console.print(note, soft_wrap=True)
    about = _about(args, config, weights, pairs, fitted_on, view, names)
    results = Results(about, None if args.json is None else Path(args.json))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        if results.curve is None:
            task = bars.add_task("fitting one gain + gamma", total=len(fit_names))
            results.curve = fit_curve(fitted_on, fit_names, view, lambda done, _: bars.update(task, completed=done))
        task = bars.add_task("pictures", total=len(names))
        evaluate(net, pairs, names, view, results, lambda done, _: bars.update(task, completed=done))
    summary = results.finish()
    if args.per_image:
        table.print(_image_table(results), soft_wrap=True)
    table.print(_summary_table(summary))
    table.print(_footnote(results, args, len(fit_names)), style="dim", soft_wrap=True)
    if args.picture is not None:
        _save_cases(args, weights, net, pairs, view, results, len(names))


def _config(args: argparse.Namespace) -> MIRNetConfig:
    """The network: as asked for, or as the run card beside the weights says, or `desk`."""
    card = None
    shipped = SHIPPED.get(args.weights)
    if args.preset is None and args.channels is None and args.weights is not None and shipped is None:
        card = read_card(Path(args.weights).parent)
    if card is not None and "network" in card:
        return MIRNetConfig(**card["network"])
    config = preset(args.preset or (shipped.size if shipped else "desk"))
    return config if args.channels is None else config.replace(channels=args.channels)


def _chosen(args: argparse.Namespace, pairs: Pairs) -> tuple[tuple[str, ...], Pairs, tuple[str, ...]]:
    """The names to evaluate, and the pairs that gain and gamma are fitted on."""
    parts = split(pairs) if args.split != "all" or args.fit_on is None else None
    fitted_on = pairs if args.fit_on is None else open_pairs(args.fit_on)
    if args.fit_on is not None:
        fit_names = split(fitted_on).training
    else:
        fit_names = parts.training if parts else ()
    if args.split == "all" or parts is None:
        return pairs.names, fitted_on, fit_names
    names = parts.validation if args.split == "validation" else parts.training
    if not names:
        raise MirnetError(f"{args.data} has no pictures to measure on in its {args.split} part; try --split all")
    return names, fitted_on, fit_names


def _about(
    args, config: MIRNetConfig, weights: str, pairs: Pairs, fitted_on: Pairs, view: View, names
) -> dict[str, Any]:
    """What decides the scores."""
    return {
        "network": config.to_dict(),
        "weights": None
        if weights == RANDOM
        else {"name": Path(weights).name, "sha256": sha256_of(weights_file(weights))},
        "data": {"name": pairs.title, "sha256": pairs.fingerprint, "split": args.split, "pictures": len(names)},
        "fitted_on": {"name": fitted_on.title, "sha256": fitted_on.fingerprint},
        "view": asdict(view),
    }


def _summary_table(summary: dict[str, dict[str, Interval]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("method")
    for name in ("PSNR", "95 %", "SSIM", "95 %"):
        table.add_column(name, justify="right", no_wrap=True)
    for method, name in METHODS.items():
        quality, likeness = summary[method]["psnr"], summary[method]["ssim"]
        table.add_row(
            name,
            f"{quality.mean:.2f} dB",
            f"{quality.low:.2f} to {quality.high:.2f}",
            f"{likeness.mean:.3f}",
            f"{likeness.low:.3f} to {likeness.high:.3f}",
            style={"network": "bold", "oracle": "dim"}.get(method, ""),
        )
    return table


def _image_table(results: Results) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("picture")
    for name in ("PSNR", "SSIM", "input", "gain + gamma", "oracle"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in results.ranked():
        scores = results.images[name]
        network = (f"{scores['network']['psnr']:.2f}", f"{scores['network']['ssim']:.3f}")
        table.add_row(
            name, *network, *(f"{scores[method]['psnr']:.2f}" for method in ("as_is", "gain_gamma", "oracle"))
        )
    return table


def _footnote(results: Results, args: argparse.Namespace, fitted: int) -> str:
    assert results.curve is not None
    seen = " (some of them are among those measured)" if args.split != "validation" and args.fit_on is None else ""
    ranked = results.ranked()
    return (
        f"{len(ranked)} pictures, {_view_in_words(args)}, rounded to 8 bits; intervals by bootstrap. One gain + gamma: "
        f"{results.curve.gain:.2f} x value ^ {results.curve.gamma:.2f}, fitted on {fitted} training pairs "
        f"less unfit ones{seen}. The oracle looks at the answer: no method may. Worst: {', '.join(ranked[:SHOWN])}; "
        f"best: {', '.join(ranked[: -SHOWN - 1 : -1])}."
    )


def _view_in_words(args: argparse.Namespace) -> str:
    if args.frame:
        return "120 x 160 frames through YUV 4:2:2"
    return f"shrunk to {args.resize} pixels" if args.resize else "at full size"


def _save_cases(args, weights: str, net: MIRNet, pairs: Pairs, view: View, results: Results, count: int) -> None:
    shown = min(SHOWN, (count + 1) // 2)
    ranked = results.ranked()
    worst, best = ranked[:shown], ranked[::-1][: min(shown, count - shown)]
    cases = {name: _case(name, net, pairs, view, results) for name in (*worst, *best)}
    title = "Worst and best" if weights == RANDOM else f"Worst and best of {Path(weights).name}"
    subtitle = f"{count} pictures of {pairs.title} ({args.split}), {_view_in_words(args)}"
    figure = draw_cases([cases[n] for n in worst], [cases[n] for n in best], THEMES["light"], title, subtitle)
    save_figure(figure, args.picture)


def _case(name: str, net: MIRNet, pairs: Pairs, view: View, results: Results) -> Case:
    assert results.curve is not None
    low, high = view(*pairs.load(name))
    restored, scores = restored_by(net, results.curve, low, high), results.images[name]
    return Case(
        name,
        low,
        restored["gain_gamma"],
        restored["network"],
        high,
        scores["as_is"]["psnr"],
        scores["gain_gamma"]["psnr"],
        scores["network"]["psnr"],
        scores["network"]["ssim"],
    )


def _check_folder(path: str | None) -> None:
    if path is not None and (Path(path).is_dir() or not Path(path).parent.is_dir()):
        raise MirnetError(f"--json {path}: give a file in a folder that exists")
