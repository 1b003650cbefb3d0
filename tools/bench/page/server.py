"""The measured server, in a process of its own as `mirnet app` starts it, with its memory and CPU time."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress

from explain.cli.page_options import LOCALHOST
from explain.cli.serve import command, url
from mirnet_packages import ROOT
from model.errors import MirnetError

__all__ = ["Server"]

START_TIMEOUT_S = 120.0
SETTLE_TIMEOUT_S = 300.0
REST_S = 3.0  # between the steps by which a server gets ready it rests for a second
RESTING = 0.1  # of a core: what a server does that has nothing to do


class Server:
    """A server on a free port, while the `with` block lasts.

    Args:
        workers: How many processes share the visitors; with several, an nginx before them.
    """

    def __init__(self, workers: int = 1) -> None:
        with socket.socket() as probe:
            probe.bind((LOCALHOST, 0))
            port = probe.getsockname()[1]
        self.address = url(LOCALHOST, port)
        several = ["app", "--no-browser", "--port", str(port), "--workers", str(workers)]
        start = f"import sys; sys.path.append({str(ROOT)!r}); from mirnet_explainer import main; sys.exit(main())"
        self._command = command(LOCALHOST, port) if workers == 1 else [sys.executable, "-P", "-c", start, *several]

    def __enter__(self) -> "Server":
        import psutil

        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self._began = time.monotonic()
        self._watched = psutil.Process(self._process.pid)
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def settle(self) -> float:
        """Waits until the server has done what it prepares while nobody asks; seconds since it began."""
        before = self.work
        while time.monotonic() - self._began < SETTLE_TIMEOUT_S:
            time.sleep(REST_S)
            before, last = self.work, before
            if before - last < RESTING * REST_S:
                break
        return time.monotonic() - self._began

    @property
    def memory(self) -> int:
        """Bytes of memory that its processes take now (their resident sets, added up)."""
        return int(self._sum(lambda process: process.memory_info().rss))

    @property
    def work(self) -> float:
        """Seconds that processor cores have worked for it so far."""
        return self._sum(lambda process: process.cpu_times().user + process.cpu_times().system)

    def _sum(self, number: Callable) -> float:
        import psutil

        total = 0.0
        for process in (self._watched, *self._watched.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += number(process)
        return total

    def _wait(self) -> None:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise MirnetError(f"the page ended at once with exit code {self._process.returncode}")
            try:
                with direct.open(f"{self.address}/_stcore/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise MirnetError(f"the page did not answer within {START_TIMEOUT_S:.0f} seconds")
