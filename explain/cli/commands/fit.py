"""`mirnet fit`: whether a network fits a board, in memory, flash and time."""

import argparse

BOARD_NAMES = ("nano33ble", "niclavision")  # those of embedded.budget.boards, without importing it for the help


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet fit` to the command."""
    parser = subparsers.add_parser(
        "fit",
        help="say whether a network fits a board, and what it is made of",
        description="Plan the memory of an int8 .tflite file, count what its operators do, and hold RAM, flash and "
        "time against what a board has. Flash and time are estimates. Exit code 1 if it does not fit.",
    )
    parser.add_argument("model", metavar="MODEL", help="nano, or a .tflite file of mirnet quantize")
    parser.add_argument(
        "--board", default=BOARD_NAMES[0], metavar="NAME", help=f"{', '.join(BOARD_NAMES)} (%(default)s)"
    )
    parser.add_argument("--operators", action="store_true", help="print a line for every operator too")
    parser.add_argument("--picture", metavar="OUT", help="draw the memory and the time (.png, .svg or .pdf)")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of the picture (light)")


def run(args: argparse.Namespace) -> int:
    """Print the tables; 0 if the network fits, 1 if it does not."""
    from embedded.budget.boards import board_of
    from embedded.budget.fit import fit
    from embedded.models.shipped_models import model_file
    from explain.cli.console import result_console

    board = board_of(args.board)
    if args.picture is not None:
        from explain.figures.kit.export import check_target

        check_target(args.picture)  # before anything slow: a wrong path is told at once
    found = fit(model_file(args.model).read_bytes(), board)
    console = result_console(160)
    clock = f"{board.clock_hz.value / 1e6:.0f} MHz"
    console.print(f"{args.model} on {board.title} ({board.processor}, {clock})\n", style="bold", soft_wrap=True)
    console.print(_limits(found))
    if found.sketch is not None:
        console.print("")
        console.print(_sketch(found.sketch))
    console.print(_notes(found), style="dim")
    console.print(_operators(found) if args.operators else _kinds(found))
    if args.picture is not None:
        _draw(args, found)
    for problem in found.problems:
        console.print(f"Does not fit. {problem}.", style="bold red", soft_wrap=True, markup=False)
    if not found.problems:
        console.print("It fits.", style="green")
    return 1 if found.problems else 0


def _limits(found):
    """RAM, flash and time, each with its parts."""
    from explain.cli.console import plain_table

    table = plain_table("", "needed", "limit", "used", "", text=(0, 4))
    for line in found.lines:
        about = "" if line.name == "RAM" else "about "
        verdict = "fits" if line.fits else "too much"
        row = (line.name, about + _amount(line, line.needed), _amount(line, line.limit.value))
        share = f"{line.needed / line.limit.value:.0%}"
        table.add_row(*row, share, f"{verdict}; {line.limit.source}", style="" if line.fits else "bold red")
        for name, size in line.parts.items():
            table.add_row(f"  {name}", _amount(line, size), style="dim")
    return table


def _sketch(sketch):
    """RAM of the whole sketch, part by part."""
    from explain.cli.console import plain_table

    table = plain_table("The whole sketch: RAM as it is linked", "", text=(0,))
    for name, size in sketch.parts.items():
        table.add_row(f"  {name}", f"{size:,} B", style="dim")
    table.add_row("static", f"{sketch.static:,} B")
    table.add_row("left for the heap", f"{sketch.heap:,} B")
    return table


def _amount(line, value: float) -> str:
    return f"{value:.3g} s" if line.name == "time" else f"{value:,.0f} B"


def _notes(found) -> str:
    plan = found.plan
    best = "the least of all orders" if plan.peak == plan.bound else f"no order needs less than {plan.bound:,} B"
    size = "" if found.file_bytes is None else f"The file has {found.file_bytes:,} B. "
    return (
        f"\nThe arena: {plan.peak:,} B, {best}; {found.unplanned:,} B if operators ran as they come and wrote nothing "
        f"in place.\nMost is live at {found.at_peak}.\n"
        f"{size}{len(found.works)} operators, {found.macs / 1e6:.1f} MMAC, "
        f"{found.depthwise_macs / 1e6:.2f} of them in depthwise convolutions (the fixed blur).\n"
        f"Time is an estimate{_range(found)}: {found.board.timing}.\n"
    )


def _range(found) -> str:
    time = found.time
    return f", {time.lowest:.3g} to {time.highest:.3g} s" if time.lowest < time.highest else ""


def _kinds(found):
    from explain.cli.console import plain_table

    table = plain_table("kind", "operators", "MACs", "elements", "time", "of all")
    for kind, seconds in found.seconds_by_kind.items():
        works = [work for work in found.works if work.kind == kind]
        macs, elements = (sum(getattr(work, name) for work in works) for name in ("macs", "elements"))
        table.add_row(kind, str(len(works)), *_counts(macs, elements, seconds, found.seconds))
    return table


def _operators(found):
    from embedded.memory.plan import live_bytes
    from explain.cli.console import plain_table

    table = plain_table("step", "operator", "layer", "MACs", "elements", "time", "of all", "live", text=(0, 1, 2))
    for step, (work, live) in enumerate(zip(found.works, live_bytes(found.plan, found.graph), strict=True)):
        counts = _counts(work.macs, work.elements, found.seconds_of(work), found.seconds)
        style = "bold" if step == found.peak_step else ""
        table.add_row(str(step), f"{work.kind} {work.operator}", work.layer, *counts, f"{live:,} B", style=style)
    return table


def _counts(macs: int, elements: int, seconds: float, total: float) -> tuple[str, str, str, str]:
    share = f"{seconds / total:.1%}" if total else ""
    return f"{macs:,}" if macs else "", f"{elements:,}", f"{1000 * seconds:,.1f} ms", share


def _draw(args, found) -> None:
    import sys
    from pathlib import Path

    from explain.figures import THEMES
    from explain.figures.kit.export import save_figure
    from explain.figures.results.arena import draw_fit

    figure = draw_fit(found, THEMES[args.theme], f"{Path(args.model).name} on the {found.board.title}")
    save_figure(figure, args.picture)
    print(figure.caption, file=sys.stderr)
