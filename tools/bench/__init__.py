"""`make bench`: benchmarks of the networks and the app: time and memory here, instructions on the board.

    python -m tools.bench                     every bench; a run that was stopped goes on where it was
    python -m tools.bench forward --only desk only some measurements
    python -m tools.bench -o bench.md         the tables as Markdown, too
    python -m tools.bench forward --against DIR   this checkout and an older one in turns

A bench is a module of this package with a `BENCH`: its measurements (`Job`), the function that makes one of them, and
the tables made of the results. Every measurement runs in a process of its own, so that neither memory nor caches
of one are left for the next. A new bench is a new module and a name in `_MODULES`.
"""

from importlib import import_module

from tools.bench.benchmark import Bench

__all__ = ["NAMES", "bench"]

_MODULES = {
    "forward": "forward_pass",
    "operators": "operator_times",
    "study": "study_steps",
    "board": "board_instructions",
    "app": "page_load",
    "class": "class_load",
    "against": "against.two_checkouts",
}
NAMES = tuple(name for name in _MODULES if name != "against")
"""The benches, in the order in which they run; `against` runs only with an older checkout to run against."""


def bench(name: str) -> Bench:
    """The bench of that name.

    Raises:
        MirnetError: If there is none, with the names that there are.
    """
    from model.errors import MirnetError

    if name not in _MODULES:
        raise MirnetError(f"unknown bench {name!r}; there are {', '.join(NAMES)}")
    return import_module(f"tools.bench.{_MODULES[name]}").BENCH
