"""`mirnet lessons`: the lessons as notebooks to work in."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet lessons` to the command."""
    parser = subparsers.add_parser(
        "lessons",
        help="list the lessons, write them as notebooks, open them, grade them",
        description="Without options, list the lessons. With -o, write their notebooks into a folder, with exercises "
        "that check themselves; notebooks that are there already are kept, since they may hold your answers. With "
        "--grade, grade learners' notebooks: each in a sandbox, which needs bubblewrap on Linux.",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="folder for the notebooks, made if needed; with --grade, the table (CSV)",
    )
    parser.add_argument(
        "--solutions", action="store_true", help="also write notebooks with the solutions, into DIR/solutions"
    )
    parser.add_argument(
        "--teacher",
        action="store_true",
        help="also write notebooks for teachers, with solutions, times and what wrong answers show, into DIR/teacher",
    )
    parser.add_argument(
        "--grade",
        metavar="FOLDER",
        help="grade the notebooks of this folder (ann/01_dark.ipynb or ann_01_dark.ipynb) into a table, a line for "
        "each learner and exercise; interrupted, it goes on where it was",
    )
    parser.add_argument(
        "--trust", action="store_true", help="with --grade: run the notebooks without a sandbox, where there is none"
    )
    parser.add_argument("--open", action="store_true", help="open them in JupyterLab (the extra [lessons] brings it)")


def run(args: argparse.Namespace) -> int:
    """List, write, open."""
    import shlex
    from pathlib import Path

    from lessons.making.script import all_lessons
    from model.errors import MirnetError

    if args.trust and not args.grade:
        raise MirnetError("--trust is for --grade: add the folder with the notebooks")
    if args.grade:
        return _grade(args)
    asked = {"--open": args.open, "--solutions": args.solutions, "--teacher": args.teacher}
    if any(asked.values()) and not args.output:
        option = next(name for name, given in asked.items() if given)
        raise MirnetError(f"{option} needs the folder with the notebooks: add -o DIR")
    lessons = all_lessons()
    if not args.output:
        _list(lessons)
        return 0
    from lessons.making.folder import write_folder

    folder = Path(args.output)
    written, kept = write_folder(folder, lessons, solutions=args.solutions, teaching=args.teacher)
    print(f"{folder}: {len(written)} notebooks written" + (f", {len(kept)} kept as they were" if kept else ""))
    if args.open:
        return _open(folder, lessons[0].name)
    print(f"next: mirnet lessons -o {shlex.quote(args.output)} --open")
    return 0


def _grade(args: argparse.Namespace) -> int:
    from collections import Counter
    from pathlib import Path

    from explain.cli.console import notes_console
    from explain.cli.progress import bars_on
    from lessons.grading.grades import grade_folder
    from model.errors import MirnetError

    if not args.output or args.open or args.solutions or args.teacher:
        raise MirnetError("--grade needs a table to write, and goes alone: mirnet lessons --grade FOLDER -o grades.csv")
    with bars_on(notes_console()) as show:
        rows = grade_folder(Path(args.grade), Path(args.output), show, trust=args.trust)
    verdicts = Counter(row.verdict for row in rows)
    print(f"{args.output}: {len(rows)} lines, " + ", ".join(f"{count} {name}" for name, count in verdicts.items()))
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
