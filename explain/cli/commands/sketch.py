"""`mirnet sketch`: a model as a sketch for the Arduino Nano 33 BLE Sense."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet sketch` to the command."""
    parser = subparsers.add_parser(
        "sketch",
        help="make an Arduino sketch of a network, and say how to put it on the board",
        description="Turn an int8 .tflite file into the folder of an Arduino sketch for the Nano 33 BLE Sense (or "
        "Sense Rev2) with its OV7675 camera, and print the commands that compile and upload it. An earlier sketch in "
        "that folder is replaced; anything else, and what you changed by hand, is left alone. Exit code 1 if the "
        "network does not fit the board's RAM or flash.",
    )
    parser.add_argument("model", metavar="MODEL", help="nano, or a .tflite file of mirnet quantize")
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="the folder to make; its name becomes the sketch's"
    )
    parser.add_argument(
        "--library",
        action="store_true",
        help="make an Arduino library of it, for sketches of your own; ours is its example",
    )


def run(args: argparse.Namespace) -> int:
    """Write the folder; 0 if the network fits, 1 if it does not."""
    from functools import partial
    from pathlib import Path

    from embedded.budget.boards import NANO
    from embedded.budget.fit import fit
    from embedded.models.shipped_models import model_file
    from embedded.sketch.sketch_writer import write_sketch
    from explain.cli.console import result_console

    say = partial(result_console().print, soft_wrap=True, markup=False)
    model = model_file(args.model).read_bytes()
    found = fit(model, NANO)
    broken = found.problems if found.lines[2].fits else found.problems[:-1]  # the last is the time: slow still runs
    for problem in broken:
        say(f"Does not fit. {problem}.", style="bold red")
    if broken:
        return 1
    write_sketch(model, Path(args.output), args.library)
    _summary(say, args, found, model)
    return 0


def _summary(say, args: argparse.Namespace, found, model: bytes) -> None:
    from embedded.sketch.sketch_writer import setup_commands, use_commands
    from embedded.tflite.model_hash import hash_of

    ram, flash, time = found.lines
    slow = "" if time.fits else f" (more than our target of {time.limit.value:g} s)"
    say(f"{args.output}: {args.model} for the {found.board.title}", style="bold")
    say(f"model  {hash_of(model).hex()}, {len(found.works)} operators")
    say(f"RAM    {ram.needed:,.0f} B of {ram.limit.value:,.0f} B: arena, camera frame, kernels")
    say(f"flash  about {flash.needed:,.0f} B of {flash.limit.value:,.0f} B")
    say(f"time   about {time.needed:.1f} s for a picture, an estimate{slow}\n")
    for title, commands in (
        (
            "Put it on the board; PORT is what `arduino-cli board list` shows:",
            setup_commands(args.output, args.library),
        ),
        ("Then:", use_commands()),
    ):
        say(title)
        for command in commands:
            say(f"  {command}", style="bold")
    say("Lights, licences, and what to do when something goes wrong: README.md in that folder.", style="dim")
