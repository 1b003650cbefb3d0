"""Files that nobody should upload, uploaded one after the other in one session: the page shows them right or says why.

What is shown is compared pixel by pixel. The files are in `tests/explain/app/hostile.py`, and beside it they are all
tested without a browser; here, where each takes a second, those are left out that are like another one.
"""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explain.app.catalog.topics import TOPICS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIKE_ANOTHER = re.compile(
    r"in way [1-57]$|^(3|40) %|^a (TIFF$|PDF|text$|program$)|an archive$|EXIF, (rubbish|held)|5000"
)
PHOTO = '[data-testid="stSidebar"] img[alt^="The photo"]'


def test_strange_files_in_one_session(visitor, hostile):
    with visitor.visit() as page:
        dialogs, wrong = [], []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.get_by_role("heading", name="The map").wait_for()
        visitor.menu(page, TOPICS["training"].short).click()  # a page that does not run the network
        page.get_by_role("heading", name=TOPICS["training"].title).wait_for()
        visitor.finished(page)
        files = [file for file in hostile.uploads() if not LIKE_ANOTHER.search(file.what)] + hostile.bombs()
        assert len(files) >= 40
        for number, file in enumerate(files):
            before = page.locator(PHOTO).get_attribute("src")
            mark = f"file {number:02}"
            upload(page, f"{mark} {file.file}", file.content)
            if file.shows is None:
                sentence = page.get_by_test_id("stSidebar").get_by_role("alert").filter(has_text=mark)
                sentence.wait_for()
                ok = re.search(file.says, sentence.inner_text()) and page.locator(PHOTO).get_attribute("src") == before
            else:
                ok = file.is_shown(new_photo(page, before))
            wrong += [] if ok else [file.what]
        assert wrong == [] and dialogs == []
        visitor.finished(page)
        good = hostile.picture(50)
        upload(page, "good.png", hostile.encoded(good))
        visitor.menu(page, "Overview").click()
        page.locator("text=48×64×3").locator("visible=true").first.wait_for()  # the map's shapes follow
        visitor.finished(page)
        np.testing.assert_array_equal(photo(page), good)
        assert page.get_by_test_id("stSidebar").get_by_role("alert").count() == 0


def upload(page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def new_photo(page, before: str) -> np.ndarray:
    """The photo in the side bar, once it is another one."""
    changed = "([photo, before]) => document.querySelector(photo)?.getAttribute('src') !== before"
    page.wait_for_function(changed, arg=[PHOTO, before])
    return photo(page)


def photo(page) -> np.ndarray:
    content = page.request.get(page.locator(PHOTO).evaluate("image => image.src"), max_retries=2).body()
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"))
