"""What grading needs of a machine."""

import pytest

from lessons.grading.walls import why_no_sandbox


@pytest.fixture(scope="session")
def walls(require) -> None:
    """A sandbox can be made here; a system or a container may forbid the namespaces that it is made of."""
    reason = why_no_sandbox()
    require(not reason, reason)
