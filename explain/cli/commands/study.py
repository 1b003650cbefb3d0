"""`mirnet study`: networks of several sizes under one recipe and one budget, in one table."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet study` to the command."""
    parser = subparsers.add_parser(
        "study",
        help="train several sizes with the same budget and compare them",
        description="Train and evaluate networks of several sizes, each for as many steps, and write a table "
        "(study.md), a picture (study.png) and all logs. With Ray (pip install 'mirnet-explainer[study]') trials run "
        "side by side, else one after the other. The same command goes on with a study that was stopped.",
    )
    parser.add_argument("--data", required=True, metavar="DATA", help="folder with low/ and high/, or a packed file")
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
    from pathlib import Path

    from rich.console import Console

    from explain.analysis.study import Plan, default_workers, markdown, restored_photos, run_study, summarise
    from explain.figures import THEMES
    from explain.figures.kit.export import save_figure
    from explain.figures.results.size_study import draw_study
    from model.config import preset
    from model.errors import MirnetError
    from model.training.checkpoint import replacing

    sizes = tuple(dict.fromkeys(size.strip() for size in args.sizes.split(",")))
    for size in sizes:
        preset(size).replace(channels=args.channels)  # a wrong name is told before anything slow
    if args.workers is not None and args.workers < 1:
        raise MirnetError(f"--workers must be at least 1, not {args.workers}")
    names = ("channels", "steps", "batch", "crop", "scales", "learning_rate", "seed", "resize")
    plan = Plan(sizes, **{name: getattr(args, name) for name in names})
    folder, console = Path(args.output), Console(stderr=True)
    workers = args.workers or default_workers(len(sizes))

    def report(done: int, total: int) -> None:
        console.print(f"{done} of {total} sizes done", soft_wrap=True)

    run_study(plan, args.data, folder, workers=workers, address=args.ray_address, report=report)
    entries = summarise(plan, folder)
    table = markdown(plan, entries, folder)
    with replacing(folder / "study.md") as unfinished:
        unfinished.write_text(table, encoding="utf-8")
    save_figure(draw_study(plan, entries, folder, restored_photos(plan, folder), THEMES["light"]), folder / "study.png")
    print(table, end="")
    return 0
