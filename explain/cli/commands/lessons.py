"""`mirnet lessons`: the lessons as notebooks to work in."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet lessons` to the command."""
    parser = subparsers.add_parser(
        "lessons",
        help="list the lessons, write them as notebooks, open them",
        description="Without options, list the lessons. With -o, write their notebooks into a folder, with exercises "
        "that check themselves; notebooks that are there already are kept, since they may hold your answers.",
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="the folder for the notebooks, made if needed")
    parser.add_argument(
        "--solutions", action="store_true", help="also write notebooks with the solutions, into DIR/solutions"
    )
    parser.add_argument("--open", action="store_true", help="open them in JupyterLab (the extra [lessons] brings it)")


def run(args: argparse.Namespace) -> int:
    """List, write, open."""
    import shlex
    from pathlib import Path

    from lessons.making.script import all_lessons
    from model.errors import MirnetError

    if (args.open or args.solutions) and not args.output:
        option = "--open" if args.open else "--solutions"
        raise MirnetError(f"{option} needs the folder with the notebooks: add -o DIR")
    lessons = all_lessons()
    if not args.output:
        _list(lessons)
        return 0
    from lessons.making.folder import write_folder

    folder = Path(args.output)
    written, kept = write_folder(folder, lessons, solutions=args.solutions)
    print(f"{folder}: {len(written)} notebooks written" + (f", {len(kept)} kept as they were" if kept else ""))
    if args.open:
        return _open(folder, lessons[0].name)
    print(f"next: mirnet lessons -o {shlex.quote(args.output)} --open")
    return 0


def _open(folder, first: str) -> int:
    import subprocess

    from lessons.making.folder import lab_command

    command, environment = lab_command(folder, first)
    print("JupyterLab opens in your browser; Ctrl-C twice ends it.", flush=True)
    lab = subprocess.Popen(command, env=environment)
    while True:
        try:
            return lab.wait()
        except KeyboardInterrupt:
            pass  # it asks whether to end, and ends when it is pressed again


def _list(lessons) -> None:
    from explain.cli.console import plain_table, result_console

    table = plain_table("lesson", "minutes", "at its end", text=(0, 2))
    for lesson in lessons:
        table.add_row(lesson.title, str(lesson.minutes), lesson.made)
    console = result_console()
    console.print(table)
    console.print(
        "next: mirnet lessons -o my-lessons --open writes them as notebooks and opens the first.", style="dim"
    )
