"""An evaluation seen from the command line: what is measured on what, a progress bar, a table, a picture."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file
from explain.figures import THEMES
from explain.figures.kit.export import check_target, save_figure
from explain.figures.results.best_and_worst import Case, draw_cases
from model.config import MIRNetConfig, preset
from model.data import open_pairs, split
from model.errors import MirnetError
from model.inference.tiling import enhance
from model.quality.evaluate import METHODS, Interval, Pairs, Restore, Results, View, evaluate, fit_curve, restored_by
from model.training.run_log import read_card
from model.weights.shipped_weights import RANDOM, SHIPPED, sha256_of, weights_file
from model.zoo import default_weights, load_network

__all__ = ["evaluate_and_show"]

SEEN = {"yuv422": "through YUV 4:2:2", "rgb565": "through RGB565", "rgb": "of 8 bits a colour"}
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
    if args.camera is not None and args.frame is None:
        raise MirnetError("--camera says what the bytes of a frame are: give --frame qqvga too")
    view = View(args.resize or 0, args.frame or "", args.camera or "yuv422")
    if args.resize is not None and args.resize < 1:
        raise MirnetError(f"--resize must be at least 1 pixel, not {args.resize}")
    if args.picture is not None:
        check_target(args.picture)  # before anything slow: a wrong path is told at once
    _check_folder(args.json)
    subject = _subject(args)
    pairs = open_pairs(args.data)
    names, fitted_on, fit_names = _chosen(args, pairs)
    for note in subject.notes:
        console.print(note, soft_wrap=True)
    about = _about(args, subject, pairs, fitted_on, view, names)
    results = Results(about, None if args.json is None else Path(args.json))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        if results.curve is None:
            task = bars.add_task("fitting one gain + gamma", total=len(fit_names))
            results.curve = fit_curve(fitted_on, fit_names, view, lambda done, _: bars.update(task, completed=done))
        task = bars.add_task("pictures", total=len(names))
        evaluate(subject.networks, pairs, names, view, results, lambda done, _: bars.update(task, completed=done))
    summary = results.finish()
    if args.per_image:
        table.print(_image_table(results), soft_wrap=True)
    table.print(_summary_table(summary))
    table.print(_footnote(results, args, len(fit_names)), style="dim", soft_wrap=True)
    if "float" in subject.networks:
        table.print(_against_float(results), soft_wrap=True)
    if args.picture is not None:
        _save_cases(args, subject, pairs, view, results, len(names))


@dataclass(frozen=True)
class Subject:
    """What is evaluated.

    Attributes:
        config: Its shape.
        weights: Their name, as on the command line.
        networks: As `model.quality.evaluate.evaluate` takes them.
        notes: What to tell before it begins.
    """

    config: MIRNetConfig
    weights: str
    networks: Mapping[str, Restore]
    notes: tuple[str, ...]


def _subject(args: argparse.Namespace) -> Subject:
    if args.weights == NANO or (args.weights or "").endswith(".tflite"):
        return _int8_subject(args)
    if args.float is not None:
        raise MirnetError("--float is for a .tflite file of whole numbers: the network that it was made from")
    config = _config(args)
    weights = args.weights or default_weights(config)
    net, note = load_network(config, weights)
    return Subject(config, weights, {"network": partial(enhance, net)}, (note,))


def _int8_subject(args: argparse.Namespace) -> Subject:
    """A model of the board, run as the board runs it, and on demand the network that it was made from."""
    if args.frame is None or args.preset is not None or args.channels is not None:
        raise MirnetError(
            "the board's model takes frames of its camera: give --frame qqvga, no --preset, no --channels"
        )
    emulator = Emulator(model_file(args.weights))
    networks: dict[str, Restore] = {"network": emulator.restore}
    notes = [f"{Path(args.weights).name}: whole numbers, run with reference kernels"]
    if args.float is not None:
        net, note = load_network(emulator.config, args.float)
        networks["float"] = partial(enhance, net)
        notes.append(f"beside it {note}")
    return Subject(emulator.config, args.weights, networks, tuple(notes))


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


def _about(args, subject: Subject, pairs: Pairs, fitted_on: Pairs, view: View, names) -> dict[str, Any]:
    """What decides the scores."""
    return {
        "network": subject.config.to_dict(),
        "weights": _named(subject.weights),
        **({"float": _named(args.float)} if args.float is not None else {}),
        "data": {"name": pairs.title, "sha256": pairs.fingerprint, "split": args.split, "pictures": len(names)},
        "fitted_on": {"name": fitted_on.title, "sha256": fitted_on.fingerprint},
        "view": asdict(view),
    }


def _named(weights: str) -> dict[str, str] | None:
    return (
        None
        if weights == RANDOM
        else {"name": Path(weights).name, "sha256": sha256_of(model_file(weights_file(weights)))}
    )


def _against_float(results: Results) -> str:
    """How whole numbers differ from floats, picture by picture."""
    lost = {name: scores["network"]["psnr"] - scores["float"]["psnr"] for name, scores in results.images.items()}
    worst = sorted(lost, key=lambda name: lost[name])
    mean = sum(lost.values()) / len(lost)
    words = ", ".join(f"{name} {lost[name]:+.2f}" for name in worst[:SHOWN])
    return f"Against its float network, picture by picture: {mean:+.2f} dB in the mean; the worst: {words} dB."


def _summary_table(summary: dict[str, dict[str, Interval]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("method")
    for name in ("PSNR", "95 %", "SSIM", "95 %"):
        table.add_column(name, justify="right", no_wrap=True)
    for method in summary:
        name = METHODS[method]
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
        return f"120 x 160 frames {SEEN[args.camera or 'yuv422']}"
    return f"shrunk to {args.resize} pixels" if args.resize else "at full size"


def _save_cases(args, subject: Subject, pairs: Pairs, view: View, results: Results, count: int) -> None:
    shown = min(SHOWN, (count + 1) // 2)
    ranked = results.ranked()
    worst, best = ranked[:shown], ranked[::-1][: min(shown, count - shown)]
    cases = {name: _case(name, subject.networks, pairs, view, results) for name in (*worst, *best)}
    title = "Worst and best" if subject.weights == RANDOM else f"Worst and best of {Path(subject.weights).name}"
    subtitle = f"{count} pictures of {pairs.title} ({args.split}), {_view_in_words(args)}"
    figure = draw_cases([cases[n] for n in worst], [cases[n] for n in best], THEMES["light"], title, subtitle)
    save_figure(figure, args.picture)


def _case(name: str, networks: Mapping[str, Restore], pairs: Pairs, view: View, results: Results) -> Case:
    assert results.curve is not None
    low, high = view(*pairs.load(name))
    restored, scores = restored_by(networks, results.curve, low, high), results.images[name]
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
