"""Tables of the benchmark `app`: latency with one visitor and with ten, targets, slowest actions."""

import math
import statistics
from collections.abc import Sequence

from tools.bench.benchmark import BenchJob, Result, Table
from tools.bench.page.scenes import KINDS, REDRAW, RUN, SECONDS

__all__ = ["percentile", "tables"]

CROWD_S = 3.0  # what each of ten visitors should wait at most
SHARE = 0.95  # how many answers have to be in time
MEMORY = 500 * 10**6  # what 200 actions may add to a warm server
SLOWEST = 12


def tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    """Waiting times, the targets, and what took longest."""
    return [_waiting(results), _targets(results), _slowest(results)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(round(share * len(values), 6)) - 1)]


def _waiting(results: Sequence[tuple[BenchJob, Result]]) -> Table:
    header = ["action"]
    for job, _ in results:
        header += [job.name, "50 %", "95 %", "longest"] + (["core"] if _alone(job) else [])
    rows = []
    for kind, label in KINDS.items():
        cells, medians = [label], []
        for job, result in results:
            noted = [note for note in result["notes"] if note["kind"] == kind]
            seconds = [note["seconds"] for note in noted]
            cells += _cells(seconds)
            if _alone(job):
                cells.append(f"{statistics.median(note['work'] for note in noted):.2f} s" if noted else "")
            medians += [statistics.median(seconds)] if seconds else []
        if len(results) == 2:
            cells.append(f"{medians[1] / medians[0]:.1f}" if len(medians) == 2 else "")
        rows.append(tuple(cells))
    if len(results) == 2:
        header.append("ratio")
    return Table("How long visitors wait", tuple(header), rows, NOTES)


NOTES = (
    "From the action to the last element and the last new picture, on the server's machine, without the browser's own "
    "work. 50 %: half of the answers came sooner; 95 %: only one of twenty took longer. core: how long the "
    "processor's cores worked for an action (half took less), whatever else ran. ratio: of the 50 % columns.",
)


def _alone(job: BenchJob) -> bool:
    return job.settings["visitors"] == 1


def _cells(seconds: Sequence[float]) -> list[str]:
    if not seconds:
        return ["", "", "", ""]
    return [
        f"{len(seconds)}",
        *(f"{value:.2f} s" for value in (percentile(seconds, 0.5), percentile(seconds, 0.95), max(seconds))),
    ]


def _targets(results: Sequence[tuple[BenchJob, Result]]) -> Table:
    rows = []
    for job, result in results:
        limits: dict[str, tuple[str | None, float]] = {
            f"{KINDS[kind]}: under {SECONDS[kind]:g} s": (kind, SECONDS[kind]) for kind in (REDRAW, RUN)
        }
        if not _alone(job):
            limits = {f"any action: under {CROWD_S:g} s": (None, CROWD_S)}
        for label, (kind, limit) in limits.items():
            seconds = [note["seconds"] for note in result["notes"] if kind in (None, note["kind"])]
            share = sum(value < limit for value in seconds) / max(len(seconds), 1)
            rows.append((f"{job.name}, {label}", f"{SHARE:.0%}", f"{share:.1%}", _met(share >= SHARE)))
        memory = result["memory"]
        added = memory["after"] - memory["warm"]
        rows += [
            (
                f"{job.name}, memory added to a warm server by {result['actions']} actions",
                f"{MEMORY / 1e6:.0f} MB",
                f"{added / 1e6:+.0f} MB",
                _met(added <= MEMORY),
            ),
            (f"{job.name}, error messages", "0", f"{len(result['problems'])}", _met(not result["problems"])),
            (
                f"{job.name}, another visitor's photo in {result['looked']} looks",
                "0",
                f"{result['strange']}",
                _met(not result["strange"]),
            ),
        ]
    notes = [_note(job, result) for job, result in results]
    problems = [f"{job.name}, problem: {text}" for job, result in results for text in dict.fromkeys(result["problems"])]
    missing = sorted({f"not on the page: {text}" for _, result in results for text in result["missing"]})
    return Table("Targets", ("what", "target", "measured", "met"), rows, (*notes, *problems[:10], *missing[:10]))


def _met(met: bool) -> str:
    return "yes" if met else "no"


def _note(job: BenchJob, result: Result) -> str:
    memory, notes = result["memory"], result["notes"]
    traffic = sum(note["received"] for note in notes) / max(len(notes), 1)
    return (
        f"{job.name}: {len(notes)} actions in {max((note['at'] for note in notes), default=0):.0f} s; memory "
        f"{memory['cold'] / 1e6:.0f} MB at the start, {memory['warm'] / 1e6:.0f} MB warm, "
        f"{memory['highest'] / 1e6:.0f} MB at most; {result['work'] / max(len(notes), 1):.2f} s of a core and "
        f"{traffic / 1e3:.0f} kB an action."
    )


def _slowest(results: Sequence[tuple[BenchJob, Result]]) -> Table:
    """Of each kind of action on each page, how long it took; the longest first."""
    grouped: dict[tuple[str, str], dict[str, list[float]]] = {}
    for job, result in results:
        for note in result["notes"]:
            page = note["what"].split(",")[0]
            grouped.setdefault((page, note["kind"]), {}).setdefault(job.name, []).append(note["seconds"])
    names = [job.name for job, _ in results]
    ranked = sorted(grouped.items(), key=lambda item: -max(map(statistics.median, item[1].values())))
    rows = [
        (f"{page}: {KINDS[kind]}", *(_middle(by_job.get(name, [])) for name in names))
        for (page, kind), by_job in ranked[:SLOWEST]
    ]
    return Table("What took longest (half of the answers came sooner)", ("page and action", *names), rows)


def _middle(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} s" if seconds else ""
