"""`mirnet board`: a frame on an emulated board: byte-for-byte comparison, instructions, RAM and flash."""

import argparse

from explain.cli.command_arguments import WEIGHTS

SAMPLE = "room"
WIDTH = 170  # of the table of all operators
NUMBERS = ("MACs", "elements", "instructions", "each", "", "of all", "cycles", "likely")  # "": the unit of each


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet board` to the command."""
    parser = subparsers.add_parser(
        "board",
        help="build the network for the board, run a photo on an emulated one, and count",
        description="Generate C of an int8 model, build it for the Cortex-M4, and restore a frame on an emulated "
        "Arduino Nano 33 BLE Sense: the picture is compared with the emulator's, byte for byte, and every instruction "
        "is counted. Exit code 1 if a byte differs, or RAM or flash exceed their targets.",
    )
    parser.add_argument("photo", nargs="?", metavar="PHOTO", help=f"a photo (the project's dark {SAMPLE})")
    parser.add_argument("--model", default="nano", metavar="M", help="nano, or a .tflite file of mirnet quantize")
    parser.add_argument(
        "--weights",
        metavar="W",
        default="nano-float",
        help=f"what it was made from (nano-float): {WEIGHTS}",
    )
    parser.add_argument("--compiler", choices=("zig", "gcc"), default="", help="what builds it (the first found)")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        default="mirnet-board",
        help="for pictures, made if needed (%(default)s)",
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours of board.png (light)")
    parser.add_argument("--operators", action="store_true", help="print a line for every operator too")


def run(args: argparse.Namespace) -> int:
    """Build, run, compare and count; 0 if all is as it should be, 1 if not."""
    from embedded.cortexm.toolchain import find_compiler
    from embedded.emulator import Emulator
    from embedded.models.shipped_models import model_file
    from explain.analysis.board_run import run_on_board
    from explain.cli.console import notes_console, result_console
    from explain.cli.progress import bars_on
    from model.safety.whole_files import check_output_folder
    from model.zoo import load_network

    find_compiler(args.compiler)  # before anything slow: what is missing or wrong is told at once
    folder, (photo, bright) = check_output_folder(args.output, "-o"), _photo(args.photo)
    notes, console = notes_console(), result_console(WIDTH)
    console.width = max(console.width, WIDTH)  # a terminal may break a line, but no number is cut off
    emulator = Emulator(model_file(args.model))
    net, note = load_network(emulator.config, args.weights)
    notes.print(note, soft_wrap=True)
    with bars_on(notes) as show:
        found = run_on_board(emulator, net, photo, show, args.compiler, bright)
    title = f"{args.model} ({found.digest}) on an emulated {found.board.title}"
    console.print(f"{title}, built by {found.program.compiler}\n", style="bold", soft_wrap=True, markup=False)
    if args.operators:
        console.print(_operators(found), "")
    console.print(_kinds(found))
    console.print(_summary(found), soft_wrap=True)
    for path in _write(found, folder, args):
        console.print(f"wrote {path}", style="dim", soft_wrap=True, markup=False)
    for problem in found.problems:
        console.print(f"Not as it should be. {problem}.", style="bold red", soft_wrap=True, markup=False)
    if not found.differing:
        console.print(f"All {found.emulated.size:,} bytes of the picture are the emulator's.", style="green")
    return 1 if found.problems else 0


def _photo(name: str | None):
    """A dark photo, and the scene in good light where that is known."""
    from model.images.photo_files import load_image
    from model.samples import load_sample

    return load_sample(SAMPLE) if name is None else (load_image(name), None)


def _kinds(found):
    from explain.cli.console import plain_table

    table, answer = plain_table("", "operators", *NUMBERS, text=(0, 6)), found.answer
    for kind in answer.by_kind:
        counts = _counts(found, kind.macs, kind.elements, kind.instructions, kind.cycles)
        table.add_row(kind.name, str(kind.operators or ""), *counts)
    counts = _counts(found, answer.macs, 0, answer.instructions, answer.cycles)
    table.add_row("a frame", str(len(answer.operators)), *counts, style="bold")
    return table


def _operators(found):
    from explain.cli.console import plain_table

    table = plain_table("step", "operator", "layer", *NUMBERS, text=(0, 1, 2, 7))
    for each in found.answer.operators:
        counts = _counts(found, each.work.macs, each.work.elements, each.instructions, each.cycles)
        table.add_row(str(each.step), f"{each.kind} {each.work.operator}", each.work.layer, *counts)
    return table


def _counts(found, macs: int, elements: int, instructions: int, cycles) -> tuple[str, ...]:
    """The cells of `NUMBERS`."""
    return (
        f"{macs:,}" if macs else "",
        f"{elements:,}" if elements else "",
        f"{instructions:,}",
        f"{instructions / (macs or elements or 1):.2f}",
        f"/ {'MAC' if macs else 'element'}",
        f"{instructions / found.answer.instructions:.1%}",
        f"{cycles.likely:,.0f}",
        f"{1000 * found.seconds(cycles).likely:,.1f} ms",
    )


def _summary(found) -> str:
    board, program, answer = found.board, found.program, found.answer
    seconds = found.seconds(answer.cycles)
    lines = [
        f"\nA frame, from the camera's bytes to the rows of the picture: {answer.instructions:,} instructions, "
        f"{found.each:.2f} for each of {answer.macs:,} MACs (those of all convolutions, the fixed blur's too).",
        f"{answer.cycles.likely:,.0f} cycles, {answer.cycles.likely / answer.instructions:.2f} for each instruction: "
        f"about {seconds.likely:.2f} s at {board.clock_hz.value / 1e6:.0f} MHz, {seconds.lowest:.2f} to "
        f"{seconds.highest:.2f} s (an estimate: {board.timing}; {answer.run.flash_reads:,} reads of data from flash).",
        f"RAM    {found.ram:,} B of {board.ram.value:,.0f} ({board.ram.value / 1024:.0f} KB): {program.ram_bytes:,} by "
        f"the linker, the camera's frame among them, and {answer.run.peak_stack:,} of stack at its peak.",
        f"flash  {program.flash_bytes:,} B of {board.flash.value:,.0f} ({board.flash.value / 1024:.0f} KB): the "
        "network's code and weights, without a sketch around them.",
        f"The board's picture is {found.near_float:.1f} dB from the float network's.",
    ]
    if found.scores:
        scores = ", ".join(f"{name} {value:.2f} dB" for name, value in found.scores.items())
        lines.append(f"Against the scene in good light: {scores}.")
    return "\n".join(lines)


def _write(found, folder, args):
    """Writes the pictures, and names them."""
    from pathlib import Path

    from explain.figures import THEMES
    from explain.figures.kit.export import save_figure
    from explain.figures.results.board_frame import draw_board
    from model.images.photo_files import save_image

    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"before.png": found.before, "after.png": found.answer.picture}
    for name, picture in pictures.items():
        save_image(folder / name, picture)
    title = f"{Path(args.model).name} on the {found.board.title}, emulated"
    save_figure(draw_board(found, THEMES[args.theme], title), folder / "board.png")
    return [folder / name for name in (*pictures, "board.png")]
