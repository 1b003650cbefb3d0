"""Benchmark `app`: load test of the page with one visitor and with ten: latency, memory, and whose photo shows.

The server is the real one. The visitors have no browser (`tools.bench.page.visitor`), since that would compete with
the server for the processor. What they do is in `tools.bench.page.scenes`.
"""

import os
import threading
from collections.abc import Sequence

from tools.bench.benchmark import Bench, BenchJob, Result
from tools.bench.page.tables import tables

__all__ = ["BENCH"]

ACTIONS = 200
"""After so many, the server's memory is compared with what it was when it was warm."""

JOBS = (
    BenchJob("1 visitor", {"visitors": 1, "pause": 0.0, "minutes": 0.0, "actions": ACTIONS}, 150),
    BenchJob("10 visitors", {"visitors": 10, "pause": 3.0, "minutes": 2.0, "actions": ACTIONS}, 200),
)


def measure(visitors: int, pause: float, minutes: float, actions: int, workers: int = 1) -> Result:
    """Has visitors walk through the pages of a warm server.

    Args:
        visitors: How many at once. One alone looks at all samples; of ten, every second one brings photos of their own,
            and the others keep to a sample each.
        pause: Seconds between the actions of one visitor, if the answer comes sooner.
        minutes: How long, at least.
        actions: How many all of them make together, at least.
        workers: How many processes the server has.
    """
    from tools.bench.page.server import Server
    from tools.bench.page.visits import Person

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    with Server(workers) as server:
        cold = server.memory
        ready = server.settle()
        for _ in range(workers):  # new visitors go to the processes in turn
            _warm_up(server.address)
        warm, worked = server.memory, server.work
        people = [
            Person(server.address, k, own=k % 2 == 1, changes=visitors == 1, work=lambda: server.work)
            for k in range(visitors)
        ]
        watch = _Watch(server, people, minutes, actions)
        failures = _all_at_once([lambda person=person: person.visit(watch.go_on, pause) for person in people])
        return {
            "notes": [note for person in people for note in person.told()],
            "problems": [problem for person in people for problem in person.problems] + failures,
            "missing": sorted({missing for person in people for missing in person.missing}),
            "looked": sum(person.looked for person in people),
            "strange": sum(person.strange for person in people),
            "memory": {"cold": cold, "warm": warm, "after": watch.after, "highest": watch.highest},
            "actions": actions,
            "ready": ready,
            "work": server.work - worked,
            "load": load,
        }


def _warm_up(address: str) -> None:
    """Opens every page once: the network is loaded, and everything has been imported and drawn."""
    from tools.bench.page.scenes import SCENES
    from tools.bench.page.visitor import Visitor

    with Visitor(address) as visitor:
        visitor.open()
        for scene in SCENES:
            visitor.follow(scene.path)


class _Watch:
    """Says when it is enough, and looks at the server's memory meanwhile."""

    def __init__(self, server, people: Sequence, minutes: float, actions: int):
        import time

        self._server, self._people, self._actions = server, people, actions
        self._now, self._end = time.monotonic, time.monotonic() + 60 * minutes
        self._looking = threading.Lock()
        self.highest, self.after = server.memory, 0

    def go_on(self) -> bool:
        """Whether another action should follow."""
        with self._looking:
            memory = self._server.memory
            self.highest = max(self.highest, memory)
            done = sum(len(person.notes) for person in self._people)
            if done >= self._actions and not self.after:
                self.after = memory
        return done < self._actions or self._now() < self._end


def _all_at_once(works: Sequence) -> list[str]:
    """Runs each in a thread of its own until all are done; what ended one of them."""
    failures: list[str] = []

    def run(work) -> None:
        try:
            work()
        except Exception as error:  # that of one visitor: the others go on, and the table tells
            failures.append(f"a visitor had to give up: {type(error).__name__}: {error}")

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


BENCH = Bench(
    "app",
    "the page with one visitor and with ten",
    JOBS,
    measure,
    tables,
    sources=(
        "explain/*.py",
        "explain/analysis/ablation/*.py",
        "explain/app/**/*.py",
        "explain/cell/**/*.py",
        "explain/figures/**/*.py",
        "model/**/*.py",
    ),
)
