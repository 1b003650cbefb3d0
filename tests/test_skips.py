"""A skip is visible, and where everything must be there it is a failure: tried on a session of pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent / "conftest.py"
TESTS = """
import pytest

def test_by_fixture(require):
    require(False, "needs wings: buy some")

@pytest.mark.skipif(True, reason="needs torch: pip install torch")
def test_by_mark():
    pass

@pytest.mark.xfail(strict=True)
def test_expected():
    raise AssertionError

def test_fine(require):
    require(True, "never said")
"""


@pytest.fixture
def outcome(tmp_path):
    """Run the tests above under an environment and give pytest's last line."""
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_them.py").write_text(TESTS)
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")

    def run(*files, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MIRNET_", "PYTEST_"))}
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
        done = subprocess.run(
            argv, cwd=tmp_path, env={**kept, **environment}, capture_output=True, text=True, check=False
        )
        return done.stdout.strip().splitlines()[-1].partition(" in ")[0]

    return run


@pytest.mark.slow
def test_skips_are_skips(outcome):
    assert outcome() == "1 passed, 3 skipped, 1 xfailed"


@pytest.mark.slow
def test_every_skip_is_a_failure_where_everything_must_be_there(outcome):
    # pytest calls what fails before the body, as a mark does, an error.
    assert outcome("test_them.py", MIRNET_REQUIRE="all") == "1 failed, 1 passed, 1 xfailed, 1 error"
    assert outcome("test_module.py", MIRNET_REQUIRE="all") == "1 error"


@pytest.mark.slow
def test_named_pieces_may_still_be_missing(outcome):
    assert outcome("test_them.py", MIRNET_REQUIRE="all", MIRNET_MAY_SKIP="jax,torch") == (
        "1 failed, 1 passed, 1 skipped, 1 xfailed"
    )
