"""The sandbox of an answer: Debian's bubblewrap, with a filter that lets no process start another one.

Inside there are Python, our packages without solutions and checks, and an empty folder in memory; no network, nothing
of anybody's files. Memory is limited by the process itself before it runs a learner's line (a limit that cannot be
raised again), the folder's by its size. A process that may not start others is all there is to limit.
"""

import errno
import os
import platform
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mirnet_packages import PACKAGES, ROOT
from model.errors import MirnetError

__all__ = ["INSTALL", "sandboxed", "why_no_sandbox"]

MODULE = "lessons.grading.answer_process"
INSTALL = (
    "install bubblewrap 0.8 or newer (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap; "
    "on Windows inside WSL 2, on macOS inside a Linux container)"
)
ALLOW_THEM = "a container or the system forbids them (sysctl kernel.apparmor_restrict_unprivileged_userns on Ubuntu)"
SEEN = (
    *("__init__.py", "own_photo.py", "ruff.toml", "data", "making/__init__.py", "making/trainings.py"),
    *("checks/__init__.py", "checks/parts.py", "checks/kit"),
    *("grading/__init__.py", "grading/data_pipe.py", "grading/answer_process.py"),
)
"""What of the lessons is inside; solutions and checks are not."""

OPTIONS = (
    "bwrap --unshare-all --unshare-user --disable-userns --uid 65534 --gid 65534 --cap-drop ALL --die-with-parent "
    "--new-session --hostname sandbox --clearenv"
)
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
HOME = "/tmp"
FOLDER_BYTES = 64 * 2**20

LOAD, IF_EQUAL, IF_AT_LEAST, IF_BITS, RETURN = (
    0x20,
    0x15,
    0x35,
    0x45,
    0x06,
)  # of classic BPF, linux/bpf_common.h
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000  # linux/seccomp.h
CLONE_THREAD = 0x10000
CLONE3 = 435
OTHER_ABI = 0x40000000  # x32, whose calls have other numbers
MACHINES = {"x86_64": (0xC000003E, 56, (57, 58, 248, 249, 250)), "aarch64": (0xC00000B7, 220, (217, 218, 219))}
"""Of a processor its number in linux/audit.h, and those of its system calls: clone; fork, vfork and three for keys."""


def no_new_processes(machine: str) -> bytes:
    """A filter of system calls for seccomp: threads may start, processes may not, and nobody's keys are read.

    Args:
        machine: `platform.machine()`, one of `MACHINES`.
    """
    number, clone, refused = MACHINES[machine]
    steps = [(LOAD, 0, 0, 4), (IF_EQUAL, 1, 0, number), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    steps += [(IF_AT_LEAST, 0, 1, OTHER_ABI), (RETURN, 0, 0, KILL)]
    for call in refused:
        steps += [(IF_EQUAL, 0, 1, call), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    # Its flags lie in memory, where a filter cannot look; the C library then takes clone.
    steps += [(IF_EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
    steps += [(IF_EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (IF_BITS, 1, 0, CLONE_THREAD)]
    steps += [(RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def why_no_sandbox() -> str:
    """Why answers cannot be shut in on this machine; empty if they can."""
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not installed; {INSTALL}"
    if platform.machine() not in MACHINES:
        return f"the filter of system calls is for {' and '.join(MACHINES)}, not for {platform.machine()}"
    with _filter() as number:
        done = subprocess.run(
            [*_walls(number, ()), "/usr/bin/env", "true"],
            pass_fds=[number],
            capture_output=True,
            text=True,
        )
    said = done.stderr.strip().splitlines()
    if done.returncode == 0:
        return ""
    return f"bubblewrap cannot make namespaces here ({said[-1] if said else done.returncode}); {ALLOW_THEM}"


@contextmanager
def sandboxed(
    megabytes: int, seconds: int, hidden: Sequence[Path] = (), trust: bool = False
) -> Iterator[subprocess.Popen]:
    """A process that runs answers, ended afterwards.

    Args:
        megabytes: Of memory.
        seconds: Of processor time.
        hidden: Folders that must not be seen, wherever they are.
        trust: Whether it runs without walls, with the limit on memory alone.
    """
    command = [sys.executable, "-m", MODULE, str(megabytes), str(seconds)]
    with tempfile.TemporaryDirectory() as folder, _filter() as number:
        if trust:
            environment = os.environ | _environment()
            process = _started(command, cwd=folder, env=environment, start_new_session=True)
        else:
            process = _started([*_walls(number, hidden), *command], pass_fds=[number])
        try:
            yield process
        finally:
            if trust and os.name == "posix":  # whatever it has started belongs to its session
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            with suppress(BrokenPipeError):
                process.stdin.close()  # type: ignore[union-attr]
            process.wait()


def _started(command: Sequence[str], **options: Any) -> subprocess.Popen:
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, **options)
    except OSError as error:
        raise MirnetError(f"{command[0]} cannot be started: {error.strerror}") from error


@contextmanager
def _filter() -> Iterator[int]:
    """The number of an open file with the filter; there is no other way to hand it over."""
    with tempfile.TemporaryFile() as file:
        file.write(no_new_processes(platform.machine()) if platform.machine() in MACHINES else b"")
        file.seek(0)
        yield file.fileno()


def _walls(seccomp: int, hidden: Sequence[Path]) -> list[str]:
    """The command that shuts in what is put behind it."""
    walls = OPTIONS.split()
    for system in SYSTEM:
        if os.path.islink(system):
            walls += ["--symlink", os.readlink(system), system]
        elif os.path.exists(system):
            walls += ["--ro-bind", system, system]
    walls += ["--dev", "/dev", "--remount-ro", "/dev", "--proc", "/proc"]
    walls += ["--size", str(FOLDER_BYTES), "--tmpfs", HOME]
    installed = [path.resolve() for path in map(Path, sys.path) if path.name in ("site-packages", "dist-packages")]
    inside = [Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), *filter(Path.is_dir, installed)]
    inside += [ROOT / "mirnet_packages.py", *(ROOT / name for name in PACKAGES)]
    for place in dict.fromkeys(inside):
        if place not in (Path("/usr"), Path("/")):
            walls += ["--ro-bind", str(place), str(place)]
    covered = {path / "lessons" for path in (ROOT, *installed) if (path / "lessons/checks").is_dir()}
    covered |= {path.resolve() for path in hidden if any(path.resolve().is_relative_to(place) for place in inside)}
    for place in sorted(covered):
        walls += ["--tmpfs", str(place)]
    for seen in (ROOT / "lessons" / name for name in SEEN):
        if seen.exists():
            walls += ["--ro-bind", str(seen), str(seen)]
    for place in (*sorted(covered), Path("/")):
        walls += ["--remount-ro", str(place)]
    for name, value in _environment().items():
        walls += ["--setenv", name, value]
    return [*walls, "--chdir", HOME, "--seccomp", str(seccomp)]


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": HOME,
        "KERAS_HOME": f"{HOME}/.keras",
        "MPLBACKEND": "agg",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",  # each would take 40 MB
    }
