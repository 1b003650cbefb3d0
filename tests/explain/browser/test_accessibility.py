"""axe-core, a checker of accessibility (MPL-2.0, fetched from npm, not kept), finds no serious fault on any page."""

import shutil
import subprocess
import tarfile

import pytest

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = "axe-core@4.14.1"
PATHS = ["", *(text.path for text in (TEXTS | TOPICS).values())]
# Of Streamlit's own parts, which we do not draw, and what a page cannot change about being one of several views.
NOT_OURS = '[data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stVegaLiteChart"]'


@pytest.fixture(scope="session")
def axe(require, tmp_path_factory) -> str:
    """The checker's script."""
    require(shutil.which("npm"), "needs npm: apt-get install npm")
    folder = tmp_path_factory.mktemp("axe")
    line = ["npm", "pack", AXE, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=120)
    require(done.returncode == 0, f"needs a npm registry that has {AXE}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


WIDTHS = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_no_serious_fault_on_a_desk_and_on_a_phone(visitor, axe, path, theme):
    with visitor.visit(f"/{path}", color_scheme=theme) as page:
        page.get_by_role("heading", level=1).first.wait_for()
        visitor.finished(page)
        visitor.unfold(page)
        for window in WIDTHS:
            page.set_viewport_size(window)
            page.wait_for_timeout(1000)  # a narrow window is told to Python, which draws some parts anew
            visitor.finished(page)
            page.evaluate(axe)
            assert serious_faults(page) == [], window
            assert visitor.fits(page), window


def serious_faults(page) -> list[tuple[str, list[str], str]]:
    """Of each fault what rule it breaks, where it is, and why."""
    found = page.evaluate(
        "exclude => axe.run({ exclude: exclude.split(', ').map((each) => [each]) }, { resultTypes: ['violations'] })",
        NOT_OURS,
    )
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
