"""What all tests share: quiet libraries, calm hypothesis, and skips that cannot hide a missing piece.

A test that needs something this machine may lack (Chromium, a compiler) skips and says what. Where everything has to
be there, `MIRNET_REQUIRE=all` makes every skip a failure; `MIRNET_MAY_SKIP=torch,jax` excepts the skips whose reason
contains one of these names.
"""

import gc
import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import settings

# A shell that runs the tests in the background has them ignore Ctrl-C, and whatever they start: some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "agg"  # figures are drawn to files, whether or not there is a screen

# No deadline: the first call of a network compiles. On a build machine the drawn examples are the same every time.
settings.register_profile("mirnet", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("mirnet")


def pytest_collection_finish() -> None:
    """Python is spared looking for garbage in half a million objects of TensorFlow after every few allocations."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def require() -> Callable[[object, str], None]:
    """`require(shutil.which("chromium"), "needs chromium: apt-get install chromium")` skips when the first is false."""

    def check(present: object, reason: str) -> None:
        if not present:
            pytest.skip(reason)

    return check


def skip_is_allowed(reason: str, environment: dict[str, str]) -> bool:
    """Whether a skip for this reason stays a skip."""
    if environment.get("MIRNET_REQUIRE") != "all":
        return True
    names = [name.strip() for name in environment.get("MIRNET_MAY_SKIP", "").split(",")]
    return any(name and name.lower() in reason.lower() for name in names)


def _refuse_hidden_skip(report):
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not skip_is_allowed(reason, dict(os.environ)):
            report.outcome = "failed"
            report.longrepr = f"skipped where MIRNET_REQUIRE=all forbids it: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _refuse_hidden_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _refuse_hidden_skip((yield))
