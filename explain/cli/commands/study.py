"""`mirnet study`: networks of several sizes under one recipe and one budget, in one table."""

import argparse

from explain.cli.command_arguments import add_data_options, at_least, pairs_of


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet study` to the command."""
    parser = subparsers.add_parser(
        "study",
        help="train several sizes with the same budget and compare them",
        description="Train and evaluate networks of several sizes, each for as many steps, and write a table "
        "(study.md), a picture (study.png) and all logs. With Ray (pip install 'mirnet-explainer[study]') trials run "
        "side by side, else one after the other. The same command goes on with a study that was stopped.",
    )
    add_data_options(parser)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder for all results, made if needed")
    parser.add_argument("--sizes", default="3x2,3x3,3x1,1x1,2x2", metavar="A,B", help="presets (%(default)s)")
    parser.add_argument("--channels", type=int, default=8, metavar="C", help="features of all of them (%(default)s)")
    parser.add_argument("--steps", type=int, default=1000, metavar="N", help="of each training (%(default)s)")
    parser.add_argument("--batch", type=int, default=8, metavar="B", help="crops in a step (%(default)s)")
    parser.add_argument("--crop", type=int, default=64, metavar="S", help="side of a crop in pixels (%(default)s)")
    parser.add_argument("--scales", default="1,2,4", metavar="A,B", help="as for mirnet train (%(default)s)")
    parser.add_argument("--learning-rate", type=float, default=1e-3, metavar="R", help="its peak (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of weights, order and crops (%(default)s)")
    parser.add_argument("--resize", type=int, default=0, metavar="S", help="evaluate shrunk to S pixels (full size)")
    parser.add_argument("--workers", type=int, metavar="N", help="trials at once (one a core with Ray, else 1)")
    parser.add_argument("--ray-address", metavar="ADDR", help="of a Ray cluster that sees the same files")


def run(args: argparse.Namespace) -> int:
    """Run what is left of the study, and print the table."""
    pairs = pairs_of(args)

    from explain.analysis.study import StudyPlan, read_scores, restored_photos, summarize
    from explain.analysis.trials import default_workers, run_study
    from explain.cli.console import notes_console
    from explain.cli.progress import bars_on
    from explain.figures import THEMES
    from explain.figures.kit.export import save_figure
    from explain.figures.results.size_study import draw_study
    from model.safety.whole_files import check_output_folder, write_whole

    sizes = tuple(dict.fromkeys(size.strip() for size in args.sizes.split(",")))
    at_least(args, workers=1)
    names = ("channels", "steps", "batch", "crop", "scales", "learning_rate", "seed", "resize")
    plan = StudyPlan(sizes, **{name: getattr(args, name) for name in names})
    for size in sizes:
        plan.order(size)  # a wrong name or number is told before anything slow
    folder, console = check_output_folder(args.output, "-o"), notes_console()
    workers = args.workers or default_workers(len(sizes))

    def report(done: int, total: int) -> None:
        console.print(f"{done} of {total} sizes done", soft_wrap=True)

    with bars_on(console) as show:
        run_study(plan, pairs, folder, workers=workers, address=args.ray_address, report=report, show=show)
    entries = summarize(plan, folder)
    table = _markdown(plan, entries, read_scores(folder / plan.sizes[0]))
    write_whole(folder / "study.md", table)
    save_figure(draw_study(plan, entries, folder, restored_photos(plan, folder), THEMES["light"]), folder / "study.png")
    _draw_curves(plan, entries, folder)
    print(table, end="")
    return 0


def _draw_curves(plan, entries, folder) -> None:
    """The curve of each training beside its log, as `mirnet train` draws it."""
    from explain.figures import THEMES
    from explain.figures.kit.export import save_figure
    from explain.figures.results.training_curve import draw_training
    from model.training.run_log import read_log

    for entry in entries:
        title = f"{entry.size}, {plan.channels} channels, {entry.parameters:,} parameters"
        budget = f"{plan.steps:,} steps of {plan.batch} crops of {plan.crop} x {plan.crop}"
        log = read_log(folder / entry.size / "log.csv")
        save_figure(draw_training(log, THEMES["light"], title, budget), folder / entry.size / "curve.png")


def _markdown(plan, entries, baselines) -> str:
    """The table, with the budget above and the baselines below."""
    from model.quality.scores import METHODS, Interval

    pixels = plan.steps * plan.batch * plan.crop**2
    size = f"shrunk to {plan.resize} pixels" if plan.resize else "at full size"
    lines = [
        f"Budget of each: {plan.steps:,} steps of {plan.batch} crops of {plan.crop} × {plan.crop} pixels "
        f"({pixels / 1e6:.0f} million pixels), {plan.channels} channels, one recipe; validation pictures {size}.",
        "",
        "| RRG × MRB | parameters | GMAC at 256×256 | PSNR [95 %] | SSIM | training | 256×256 takes |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for entry in entries:
        lines.append(
            f"| {entry.size.replace('x', ' × ')} | {entry.parameters:,} | {entry.macs / 1e9:.2f} | "
            f"{_decibels(entry.psnr)} | {entry.ssim.mean:.3f} | {entry.training_seconds / 60:.0f} min | "
            f"{entry.photo_seconds:.2f} s |"
        )
    for method in ("as_is", "gain_gamma", "oracle"):
        quality, likeness = (Interval(**baselines[method][name]) for name in ("psnr", "ssim"))
        lines.append(f"| {METHODS[method]} | | | {_decibels(quality)} | {likeness.mean:.3f} | | |")
    return "\n".join(lines) + "\n"


def _decibels(of) -> str:
    return f"{of.mean:.2f} [{of.low:.2f}, {of.high:.2f}]"
