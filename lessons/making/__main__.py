"""`python -m lessons.making`: builds notebooks and pages of all lessons or some."""

import argparse
import sys
from pathlib import Path

from lessons.making.build import build, chosen
from lessons.making.script import all_lessons
from model.errors import MirnetError


def main(argv: list[str] | None = None) -> int:
    """Makes them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make lessons", description=__doc__)
    parser.add_argument(
        "lesson", nargs="*", help="names or numbers, such as 2 or 02_pipeline (all)"
    )
    parser.add_argument(
        "-o", "--output", default="build/lessons", metavar="DIR", help="where to (build/lessons)"
    )
    args = parser.parse_args(argv)
    folder, every = Path(args.output), all_lessons()
    try:
        lessons = chosen(args.lesson, every)
        ran = build(folder, lessons, every)
    except KeyboardInterrupt:
        print("make lessons: interrupted; what is done stays done", file=sys.stderr)
        return 130
    except MirnetError as error:
        print(f"make lessons: error: {error}", file=sys.stderr)
        return 2
    print(f"{len(lessons)} lessons, {len(ran)} of them run: open {folder / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
