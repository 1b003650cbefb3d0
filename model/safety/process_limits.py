"""Limits on memory and processor time of processes that try out files from outside.

The system may have set lower ones: `ulimit` in a shell, a batch queue, a service. A process may not raise its limits
above those, and macOS takes none on memory. So each limit is set as far as it can be; and where a process ends at a
limit of the system's, that is told, instead of calling a good file damaged.
"""

import os
import signal
import sys
from contextlib import suppress

from mirnet_packages import ROOT

__all__ = ["limit_process", "own_process", "told_by_limits"]

MAPPED = 2 << 30
"""Bytes of address space beside a process' own data: its libraries (TensorFlow's are 0.8 GB) and what they reserve."""

AT_LIMITS = ("SIGXCPU", "SIGKILL", "SIGABRT")  # too much time; either of them; memory that C++ did not get


def own_process(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command that runs a module of ours in another process, and its environment.

    Nothing is imported from the folder that a user happens to be in: a `model.py` there is no package of ours, and a
    `json.py` beside downloaded photos must not run.

    Args:
        module: Its full name.
        *arguments: What it finds in `sys.argv`.
    """
    places = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return [sys.executable, "-P", "-m", module, *arguments], os.environ | {"PYTHONPATH": places}


def limit_process(seconds: int, memory: int) -> None:
    """Limits this process from now on, as far as the system lets it.

    Args:
        seconds: Most processor time.
        memory: Most bytes of its own data. (Linux counts what is private and can be written; what can be shared, too,
            ends at `MAPPED` bytes more.)
    """
    with suppress(ImportError):  # Windows has none
        import resource

        ours = {
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_CPU: (seconds, seconds + 1),  # SIGXCPU, which says why, comes before SIGKILL
            resource.RLIMIT_DATA: (memory, memory),
            resource.RLIMIT_AS: (memory + MAPPED, memory + MAPPED),
        }
        for kind, wanted in ours.items():
            allowed = resource.getrlimit(kind)
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (_at_most(wanted[0], allowed[0]), _at_most(wanted[1], allowed[1])))


def told_by_limits(code: int, seconds: int, memory: int) -> str:
    """What to say about a limited process that has ended in a way that limits may have caused; empty if they have not.

    Args:
        code: Its exit code, negative for a signal; a positive one means that it ran out of memory.
        seconds: As it was limited.
        memory: As it was limited.
    """
    if code < 0 and -code not in {getattr(signal, name, None) for name in AT_LIMITS}:
        return ""
    lower = _lower_than(seconds, memory)
    return f"this system allows a process only {' and '.join(lower)}: raise that and try again" if lower else ""


def _at_most(most: int, limit: int) -> int:
    import resource

    return most if limit == resource.RLIM_INFINITY else min(most, limit)


def _lower_than(seconds: int, memory: int) -> list[str]:
    """The limits of the system that are lower than ours, in words."""
    try:
        import resource
    except ImportError:
        return []
    found = []
    time = resource.getrlimit(resource.RLIMIT_CPU)[0]
    if _at_most(seconds, time) < seconds:
        found.append(f"{time} s of processor time (ulimit -t)")
    for kind, option, most in ((resource.RLIMIT_AS, "-v", memory + MAPPED), (resource.RLIMIT_DATA, "-d", memory)):
        space = resource.getrlimit(kind)[0]
        if _at_most(most, space) < most:
            found.append(f"{space / 1e6:,.0f} MB of memory (ulimit {option})")
    return found
