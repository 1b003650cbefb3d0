"""Runs the measurements of a bench one after the other, keeps what is done, and goes on there after an interruption."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mirnet_packages import ROOT
from model.safety.whole_files import write_whole
from tools.bench.benchmark import Bench, BenchJob, Result
from tools.bench.machine import describe

__all__ = ["Failure", "Store", "measured"]


class Failure(Exception):
    """A measurement that did not come to its end; the message says how it ended."""


def measured(bench: Bench, job: BenchJob, store: "Store") -> Result:
    """The result of a job: from the store, or measured now in a process of its own and stored.

    Raises:
        Failure: If that process ends with an error.
    """
    result = store.get(bench, job)
    if result is None:
        result = _run(bench, job)
        store.add(bench, job, result)
    return result


def _run(bench: Bench, job: BenchJob) -> Result:
    command = [sys.executable, "-m", "tools.bench.worker", bench.name, json.dumps(dict(job.settings))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        how = "ended by the system, mostly for want of memory" if done.returncode == -9 else last
        raise Failure(f"{job.name}: {how}")
    return json.loads(done.stdout.splitlines()[-1])


class Store:
    """Results in a JSON file, which is written anew after every measurement.

    A result counts only for the machine, the software and the source code that it was measured with.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path):
        self.path = path
        self._kept: dict[str, dict] = _read(path)
        self._here = _digest(json.dumps(describe()), *_sources())

    def get(self, bench: Bench, job: BenchJob) -> Result | None:
        """The result of a job, if it has one that counts here."""
        kept = self._kept.get(_key(bench, job), {})
        return kept.get("result") if kept.get("measured with") == self._circumstances(bench, job) else None

    def add(self, bench: Bench, job: BenchJob, result: Result) -> None:
        """Keeps a result; replaces an older one."""
        self._kept[_key(bench, job)] = {"measured with": self._circumstances(bench, job), "result": result}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, json.dumps(self._kept, indent=1))

    def forget(self, bench: Bench, job: BenchJob) -> None:
        """Takes a result for not measured; the file loses it when the next one is written."""
        self._kept.pop(_key(bench, job), None)

    def _circumstances(self, bench: Bench, job: BenchJob) -> str:
        paths = sorted(path for pattern in bench.sources for path in ROOT.glob(pattern))
        own = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
        return _digest(self._here, json.dumps(dict(job.settings)), *own)


def _key(bench: Bench, job: BenchJob) -> str:
    return f"{bench.name}: {job.name}"


def _read(path: Path) -> dict[str, dict]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):  # not there yet, or not ours: it is only a cache
        return {}
    return {key: kept for key, kept in found.items() if isinstance(kept, dict)} if isinstance(found, dict) else {}


def _sources() -> Iterator[str]:
    """The code that the measurements depend on: these modules, and what they import of ours."""
    names, seen = ["model.mirnet", "model.inference.compiled", "explain.tracing.costs"], set()
    while names:
        name = names.pop()
        if name not in seen:
            seen.add(name)
            path = ROOT / name.replace(".", "/")
            text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
            names += re.findall(r"^from ((?:model|explain)\.[\w.]+) import", text, re.MULTILINE)
            yield text
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        yield path.read_text(encoding="utf-8")


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
