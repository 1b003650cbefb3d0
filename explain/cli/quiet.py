"""Silences TensorFlow's start-up messages.

Since TensorFlow 2.20 or so `TF_CPP_MIN_LOG_LEVEL` no longer silences the lines that are logged while its library
loads (oneDNN, CUDA drivers not found): they go straight to file descriptor 2. So the descriptor is set aside while
`import tensorflow` runs, and what remains after those lines are taken out is printed.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

# "I0000 00:00:1795306853.334516 5998 port.cc:153] ...": absl's information lines, and the header before them.
NOISE = re.compile(r"^(I\d{4} \d\d:\d\d:|WARNING: All log messages before absl|To enable the following instructions)")


def without_noise(text: str) -> str:
    """Leave out the lines that TensorFlow always writes while it loads."""
    return "".join(line for line in text.splitlines(keepends=True) if not NOISE.match(line))


@contextmanager
def _native_stderr_filtered() -> Iterator[None]:
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            os.close(saved)
            aside.seek(0)
            rest = without_noise(aside.read().decode(errors="replace"))
            if rest:
                os.write(2, rest.encode())


class _QuietLoader(Loader):
    """Run another loader with the native standard error filtered."""

    def __init__(self, loader: Loader):
        self._loader = loader

    def __getattr__(self, name: str):  # resources and sources are asked of the loader too
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with _native_stderr_filtered():
            self._loader.exec_module(module)


class _QuietFinder(MetaPathFinder):
    """Find `tensorflow` as usual, and have it loaded quietly, whenever and by whomever it is imported."""

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader)
        return spec


def quiet_tensorflow() -> None:
    """Silence TensorFlow's start-up, now or later in this process; `TF_CPP_MIN_LOG_LEVEL=0` keeps it talking."""
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "0":
        return
    if not any(isinstance(finder, _QuietFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _QuietFinder())
