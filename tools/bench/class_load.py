"""Benchmark `class`: load test of the page with a class of thirty, on one process and on two behind an nginx.

As the benchmark `app`, with visitors who think longer: each acts every ten seconds.
"""

from collections.abc import Sequence

from tools.bench.benchmark import Bench, BenchJob, Result, Table
from tools.bench.page.tables import CROWD_S, SHARE, percentile
from tools.bench.page_load import BENCH as ONE_PAGE
from tools.bench.page_load import measure

__all__ = ["BENCH"]

MEMORY = 6 * 10**9  # what all processes together may take
THIRTY = {"visitors": 30, "pause": 10.0, "minutes": 3.0, "actions": 400}

JOBS = (
    BenchJob("30 visitors, 1 process", THIRTY, 300),
    BenchJob("30 visitors, 2 processes", THIRTY | {"workers": 2}, 360),
)


def tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    """Waiting times and memory, beside what is wanted."""
    rows = []
    for job, result in results:
        seconds = [note["seconds"] for note in result["notes"]]
        in_time = sum(value < CROWD_S for value in seconds) / max(len(seconds), 1)
        faults = len(result["problems"]) + result["strange"]
        rows.append(
            (
                job.name,
                f"{len(seconds)}",
                f"{percentile(seconds, 0.5):.2f} s" if seconds else "",
                f"{percentile(seconds, SHARE):.2f} s" if seconds else "",
                f"{in_time:.1%}",
                f"{result['memory']['highest'] / 1e9:.2f} GB",
                f"{faults}",
                "yes" if in_time >= SHARE and result["memory"]["highest"] <= MEMORY and not faults else "no",
            )
        )
    header = ("", "actions", "50 %", "95 %", f"under {CROWD_S:g} s", "memory at most", "faults", "met")
    notes = [
        f"Wanted: {SHARE:.0%} of the answers in less than {CROWD_S:g} s, less than {MEMORY / 1e9:g} GB for all "
        "processes together, no error message and nobody else's photo."
    ]
    for job, result in results:
        notes += [f"{job.name}, problem: {text}" for text in dict.fromkeys(result["problems"])]
    return [Table("A class of thirty, each acting every 10 s", header, rows, tuple(notes[:12]))]


BENCH = Bench("class", "the page with a class of thirty", JOBS, measure, tables, sources=ONE_PAGE.sources)
