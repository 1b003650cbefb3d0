"""`mirnet evaluate`: PSNR, GT-mean PSNR and SSIM of a network on pairs of photos, beside baselines."""

import argparse

from explain.cli.command_arguments import WEIGHTS, add_data_options, pairs_of

SEEN = {"yuv422": "through YUV 4:2:2", "rgb565": "through RGB565", "rgb": "of 8 bits a colour"}
SHOWN = 3  # worst and best cases
DIGITS = {"psnr": ".2f", "gt_mean_psnr": ".2f", "ssim": ".3f"}


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet evaluate` to the command."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a network on pairs of photos, beside methods that need none",
        description="Measure PSNR and SSIM of every picture at full size, rounded to 8 bits, beside the input as it "
        "is, one gain and gamma fitted on the training pairs, autocontrast, CLAHE, and an oracle that looks at the "
        "answer. Means come with 95 % intervals. GT-mean PSNR is what many papers print: PSNR after the picture was "
        "made as bright in the mean as the reference, for which one needs the reference. With --json, an interrupted "
        "evaluation goes on where it was.",
    )
    add_data_options(parser)
    parser.add_argument(
        "--weights",
        metavar="W",
        help=f"{WEIGHTS}; or nano or another .tflite of the board",
    )
    parser.add_argument("--float", metavar="W", help="beside a .tflite file: the weights it was made from")
    parser.add_argument("--preset", metavar="NAME", help="size of the network (that of the weights, or desk)")
    parser.add_argument("--channels", type=int, metavar="C", help="features of the full-size stream (the preset's)")
    parser.add_argument(
        "--split", choices=("validation", "all", "training"), default="validation", help="which pairs (validation)"
    )
    parser.add_argument("--resize", type=int, metavar="S", help="shrink until the longer side has S pixels")
    parser.add_argument("--frame", choices=("qqvga",), help="as the board sees it: 120 x 160 through YUV 4:2:2")
    parser.add_argument(
        "--camera", choices=("yuv422", "rgb565", "rgb"), help="with --frame: through other bytes of the camera, or none"
    )
    parser.add_argument("--fit-on", metavar="DATA", help="fit gain + gamma on other pairs' training part (DATA's own)")
    parser.add_argument("--json", metavar="FILE", help="keep the scores of every picture here")
    parser.add_argument("--picture", metavar="FILE", help="draw the worst and best cases (.png, .svg, .pdf)")
    parser.add_argument("--per-image", action="store_true", help="print a line for every picture too")


def run(args: argparse.Namespace) -> int:
    """Measure, and print the table."""
    from pathlib import Path

    from explain.cli.console import notes_console, reason_lines, result_console
    from explain.cli.output_files import check_file
    from explain.cli.progress import bars_on
    from model.errors import MirnetError
    from model.quality.view import PairView
    from model.safety.keras_settings import prefer_onednn

    if args.camera is not None and args.frame is None:
        raise MirnetError("--camera says what the bytes of a frame are: give --frame qqvga too")
    view = PairView(args.resize or 0, args.frame or "", args.camera or "yuv422")
    if args.resize is not None and args.resize < 1:
        raise MirnetError(f"--resize must be at least 1 pixel, not {args.resize}")
    check_file("--json", args.json)  # before Keras is imported: a wrong path is told at once
    pairs = pairs_of(args)
    prefer_onednn()

    from explain.analysis.evaluation import evaluation_of
    from explain.figures.kit.export import check_target

    if args.picture is not None:
        check_target(args.picture)
    subject, console, notes = _subject(args), result_console(130), notes_console()
    evaluation = evaluation_of(subject, pairs, view, args.split, args.fit_on)
    for note in subject.notes:
        notes.print(note, soft_wrap=True)
    with bars_on(notes) as show:
        results = evaluation.run(None if args.json is None else Path(args.json), show)
    if results.doubtful:
        share = f"{len(results.doubtful)} of {len(evaluation.names)} pairs"
        notes.print(f"{share} may not belong together, and count all the same:")
        notes.print("\n".join(reason_lines(results.doubtful)), soft_wrap=True, markup=False)
    if args.per_image:
        console.print(_image_table(results), soft_wrap=True)
    console.print(_summary_table(results.summary()))
    console.print(_footnote(results, args, len(evaluation.fit_names)), style="dim", soft_wrap=True)
    if "float" in subject.networks:
        console.print(_against_float(results), soft_wrap=True)
    if args.picture is not None:
        _save_cases(args, evaluation, results)
    return 0


def _subject(args: argparse.Namespace):
    from embedded.models.shipped_models import NANO
    from explain.analysis.evaluation import float_subject, int8_subject
    from model.errors import MirnetError

    if args.weights == NANO or (args.weights or "").endswith(".tflite"):
        if args.frame is None or args.preset is not None or args.channels is not None:
            raise MirnetError(
                "the board's model takes frames of its camera: give --frame qqvga, no --preset, no --channels"
            )
        return int8_subject(args.weights, args.float)
    if args.float is not None:
        raise MirnetError("--float is for an int8 .tflite file: the network that it was made from")
    return float_subject(args.preset, args.weights, args.channels)


def _against_float(results) -> str:
    """PSNR of int8 − float, picture by picture."""
    lost = {name: scores["network"]["psnr"] - scores["float"]["psnr"] for name, scores in results.images.items()}
    worst = sorted(lost, key=lambda name: lost[name])
    mean = sum(lost.values()) / len(lost)
    losses = ", ".join(f"{name} {lost[name]:+.2f}" for name in worst[:SHOWN])
    return f"Against its float network, picture by picture: {mean:+.2f} dB in the mean; the worst: {losses} dB."


def _summary_table(summary):
    from explain.cli.console import plain_table
    from model.quality.scores import METHODS

    table = plain_table("method", "PSNR", "95 %", "GT-mean PSNR", "95 %", "SSIM", "95 %")
    for method, of in summary.items():
        cells = [cell for metric, digits in DIGITS.items() for cell in _cells(of[metric], digits)]
        table.add_row(METHODS[method], *cells, style={"network": "bold", "oracle": "dim"}.get(method, ""))
    return table


def _cells(of, digits: str) -> tuple[str, str]:
    """A mean and its interval; of one picture there is none."""
    unit = " dB" if digits == DIGITS["psnr"] else ""
    return f"{of.mean:{digits}}{unit}", "" if of.low == of.high else f"{of.low:{digits}} to {of.high:{digits}}"


def _image_table(results):
    from explain.cli.console import plain_table

    shown = {"as_is": "input", "gain_gamma": "gain + gamma", "oracle": "oracle"}
    if results.curve is None:
        del shown["gain_gamma"]
    table = plain_table("picture", "PSNR", "GT-mean", "SSIM", *shown.values())
    for name in results.ranked():
        scores = results.images[name]
        network = (f"{scores['network'][metric]:{digits}}" for metric, digits in DIGITS.items())
        table.add_row(name, *network, *(f"{scores[method]['psnr']:.2f}" for method in shown))
    return table


def _footnote(results, args: argparse.Namespace, fitted: int) -> str:
    seen = " (some of them are among those measured)" if args.split != "validation" and args.fit_on is None else ""
    ranked, curve = results.ranked(), results.curve
    if curve is None:
        baseline = "One gain + gamma is left out: no pair is left to fit it on (--fit-on DATA names others). "
    else:
        baseline = (
            f"One gain + gamma: {curve.gain:.2f} x value ^ {curve.gamma:.2f}, fitted on {fitted} training pairs "
            f"without unfit ones{seen}. "
        )
    return (
        f"{len(ranked)} pictures, {_view_label(args)}, rounded to 8 bits; intervals by bootstrap. {baseline}"
        "The oracle looks at the answer: no method may; so does GT-mean, which makes every picture as bright as the "
        f"reference first. Worst: {', '.join(ranked[:SHOWN])}; best: {', '.join(ranked[: -SHOWN - 1 : -1])}."
    )


def _view_label(args: argparse.Namespace) -> str:
    if args.frame:
        return f"120 x 160 frames {SEEN[args.camera or 'yuv422']}"
    return f"shrunk to {args.resize} pixels" if args.resize else "at full size"


def _save_cases(args: argparse.Namespace, evaluation, results) -> None:
    from pathlib import Path

    from explain.figures import THEMES
    from explain.figures.kit.export import save_figure
    from explain.figures.results.best_and_worst import draw_cases
    from model.weights.shipped_weights import RANDOM

    ranked, count, weights = results.ranked(), len(evaluation.names), evaluation.subject.weights
    shown = min(SHOWN, (count + 1) // 2)
    worst, best = (
        [_case(name, evaluation, results) for name in names]
        for names in (ranked[:shown], ranked[::-1][: min(shown, count - shown)])
    )
    title = "Worst and best" if weights == RANDOM else f"Worst and best of {Path(weights).name}"
    subtitle = f"{count} pictures of {evaluation.pairs.title} ({args.split}), {_view_label(args)}"
    save_figure(draw_cases(worst, best, THEMES["light"], title, subtitle), args.picture)


def _case(name: str, evaluation, results):
    from explain.figures.results.best_and_worst import Case
    from model.quality.evaluate import restored_by

    low, high = evaluation.view(*evaluation.pairs.load(name))
    restored = restored_by(evaluation.subject.networks, results.curve, low, high)
    before, curve, network = (results.images[name].get(method) for method in ("as_is", "gain_gamma", "network"))
    scores = (before["psnr"], curve and curve["psnr"], network["psnr"], network["ssim"])
    return Case(name, low, restored.get("gain_gamma"), restored["network"], high, *scores)
