"""`mirnet board-test`: compares a board with the emulator, byte for byte."""

import argparse
import itertools

from explain.cli.command_arguments import at_least
from explain.cli.running.board_options import add_board_options


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet board-test` to the command."""
    parser = subparsers.add_parser(
        "board-test",
        help="compare a board with the emulator, byte for byte",
        description="Let the board test itself: the camera's test pattern, which shows its byte order and wrong wires, "
        "memory, instruction cache, clock, model and one frame. Then send frames to it, dark photos, noise and "
        "stripes, and compare every byte of what it makes of them with what embedded.Emulator makes; tell how long "
        "each kind of operator took and how much memory is in use. Exit code 0 if all is right and equal, 1 if "
        "something is wrong or a frame differs or was lost, 2 if the board cannot be reached.",
    )
    add_board_options(parser)
    parser.add_argument("--frames", type=int, default=10, metavar="N", help="how many frames to send (10)")
    parser.add_argument("--json", metavar="FILE", help="write everything that was found here")


def run(args: argparse.Namespace) -> int:
    """Compare, and print the verdict."""
    import json
    from pathlib import Path

    from embedded.emulator import Emulator
    from explain.analysis.board_check import compare_with_emulator
    from explain.cli.console import notes_console, result_console
    from explain.cli.output_files import check_file
    from explain.cli.progress import bars_on
    from explain.cli.running.board_link import beside_bars, connected
    from model.safety.whole_files import write_whole

    out, notes = result_console(), notes_console()
    at_least(args, frames=1)
    check_file("--json", args.json)
    with connected(args, notes) as link:
        out.print(link.summary, soft_wrap=True, markup=False)
        emulator = Emulator(link.model)
        checks = _self_test(link, emulator, out)
        with bars_on(notes) as show:
            lines, numbers = beside_bars(out, notes), itertools.count(1)
            found = compare_with_emulator(
                link.board,
                link.info,
                emulator,
                args.frames,
                show,
                lambda one: lines.print(f"{next(numbers):3}  {one.name}: {one.summary}", soft_wrap=True, markup=False),
            )
    _print(link, found, out)
    if args.json is not None:
        write_whole(Path(args.json), json.dumps(_report(link, checks, found), indent=1) + "\n")
    return found.code or int(any(each.passed is False for each in checks))


def _self_test(link, emulator, out) -> list:
    """What the board finds, printed; empty if it does not know the request, or fails: the frames will tell more."""
    from explain.cli.running.self_checks import self_checks
    from model.errors import MirnetError

    try:
        checks = self_checks(link.board.self_test(), link, emulator)
    except MirnetError as error:
        out.print(f"No self-test: {error}", soft_wrap=True, markup=False)
        return []
    out.print("The board tests itself:")
    for each in checks:
        out.print(each.line, style="bold red" if each.passed is False else "", soft_wrap=True, markup=False)
    return checks


def _print(link, found, out) -> None:
    from explain.cli.running.board_link import memory_summary, timing_table

    if found.timings is not None:
        out.print()
        out.print(timing_table(link.fit, found.timings))
        if link.simulated:
            out.print("measured: on this computer, which says nothing about a Nano", style="dim")
    if found.memory is not None:
        out.print(memory_summary(link.fit, found.memory), soft_wrap=True)
    out.print()
    out.print(found.summary, style="green" if found.code == 0 else "bold red", soft_wrap=True, markup=False)


def _report(link, checks, found) -> dict:
    """Everything that was found, for `--json`."""
    from dataclasses import asdict

    from explain.cli.running.board_link import times_by_kind

    timings, info = found.timings, link.info
    return {
        "board": {"name": info.name, "version": info.version, "format": info.format, "simulated": link.simulated},
        "model": info.model_hash.hex(),
        "self_test": [asdict(each) for each in checks],
        "equal": found.code == 0,
        "verdict": found.summary,
        "frames_asked": found.asked,
        "frames": [asdict(each) for each in found.outcomes],
        "seconds": None if timings is None else sum(timings.seconds),
        "ticks_per_second": None if timings is None else timings.ticks_per_second,
        "ticks": None if timings is None else list(timings.ticks),
        "kinds": [] if timings is None else [asdict(each) for each in times_by_kind(link.fit, timings)],
        "estimated_seconds": link.fit.seconds,
        "memory": None if found.memory is None else asdict(found.memory),
        "planned_arena": link.fit.plan.peak,
    }
