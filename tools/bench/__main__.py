"""`python -m tools.bench`: see `tools/bench/__init__.py`."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from model.errors import MirnetError
from model.safety.whole_files import check_output, write_whole
from tools.bench import NAMES, bench
from tools.bench.benchmark import Bench, BenchJob, Result

INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Measure what was asked for.

    Returns:
        0; 1 if a measurement failed; 2 for what the user can fix; 130 if interrupted, which keeps what was done.
    """
    args = _parser().parse_args(argv)
    try:
        code = _run(args)
        sys.stdout.flush()
        return code
    except MirnetError as error:
        print(f"bench: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `... | head`: the reader has closed the pipe, which is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description="Time and memory on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which benches: {', '.join(NAMES)} (all)")
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="only measurements with these words, as 'desk 256'")
    parser.add_argument(
        "--against", type=Path, metavar="DIR", help="with forward: in turns with the older checkout in this folder"
    )
    parser.add_argument("--list", action="store_true", help="name the measurements and stop")
    parser.add_argument("--fresh", action="store_true", help="measure anew what an earlier run has measured")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the tables to this file as Markdown")
    parser.add_argument(
        "--results", type=Path, default=_results(), metavar="FILE", help="where results are kept (%(default)s)"
    )
    return parser


def _results() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "mirnet-explainer" / "bench.json"


def _run(args: argparse.Namespace) -> int:
    benches = [bench(name) for name in args.names or NAMES] if args.against is None else [_against(args)]
    wanted = [(each, job) for each in benches for job in each.jobs if _is_wanted(job, args.only)]
    if not wanted:
        raise MirnetError(f"no measurement has the words {' or '.join(args.only)}: see --list")
    if args.list:
        print("\n".join(f"{each.name}: {job.name}" for each, job in wanted))
        return 0
    if args.output is not None:
        check_output(args.output)
    results, failures, interrupted = _measure(wanted, args)
    _report(args, benches, wanted, results, failures)
    if interrupted:
        print("interrupted: the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    return 1 if failures else 0


def _against(args: argparse.Namespace) -> Bench:
    """The bench of two checkouts, with the older one in its jobs."""
    folder = args.against.resolve()
    if args.names not in ([], ["forward"]):
        raise MirnetError("--against compares the network's speed: it goes with forward alone")
    if not (folder / "model" / "mirnet.py").is_file():
        raise MirnetError(f"--against {args.against}: no checkout of this project (there is no model/mirnet.py in it)")
    found = bench("against")
    return replace(found, jobs=[replace(job, settings={**job.settings, "folder": str(folder)}) for job in found.jobs])


def _is_wanted(job: BenchJob, only: Sequence[str] | None) -> bool:
    """Whether one of the phrases is in the job's name: `desk 256` asks for both words."""
    parts = set(job.name.replace(",", "").split())
    return only is None or any(parts.issuperset(phrase.split()) for phrase in only)


def _measure(wanted: Sequence[tuple[Bench, BenchJob]], args) -> tuple[dict[tuple[str, str], Result], list[str], bool]:
    """Results by bench and job, what went wrong, and whether it was interrupted."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from tools.bench.run_jobs import Failure, Store, measured

    store = Store(args.results)
    for each, job in wanted if args.fresh else ():
        store.forget(each, job)
    results: dict[tuple[str, str], Result] = {}
    failures: list[str] = []
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}")
    todo = sum(job.seconds for each, job in wanted if store.get(each, job) is None)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=todo, left="")
        for each, job in wanted:
            known = store.get(each, job) is not None
            progress.update(task, description=f"{each.name}: {job.name}", left=_left(progress.tasks[0]))
            try:
                results[each.name, job.name] = measured(each, job, store)
            except Failure as failure:
                failures.append(str(failure))
            except KeyboardInterrupt:
                return results, failures, True
            progress.advance(task, 0 if known else job.seconds)
    return results, failures, False


def _left(task) -> str:
    """The time left, from the estimates and how they held so far."""
    pace = task.elapsed / task.completed if task.completed else 1.0
    return f"about {max(task.remaining * pace / 60, 1):.0f} min left"


def _report(args, benches: Sequence[Bench], wanted, results, failures: list[str]) -> None:
    from explain.cli.console import result_console
    from tools.bench.machine import cores, describe
    from tools.bench.report import busy_note, markdown, show

    tables = []
    for each in benches:
        found = [
            (job, results[owner.name, job.name])
            for owner, job in wanted
            if owner is each and (each.name, job.name) in results
        ]
        tables += each.tables(found) if found else []
    busy = busy_note([result["load"] for result in results.values() if "load" in result], cores())
    remarks = [f"failed: {failure}" for failure in failures] + ([busy] if busy else [])
    console = result_console(160)
    show(console, describe(), tables, remarks)
    if args.output is not None:
        write_whole(args.output, markdown(describe(), tables, remarks))


if __name__ == "__main__":
    sys.exit(main())
