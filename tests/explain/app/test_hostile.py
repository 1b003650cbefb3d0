"""Every file that may be uploaded is shown right or refused in a clear sentence, and costs little memory."""

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from page_runs import fresh

from explain.app.compute.photos import own_photo
from mirnet_packages import ROOT
from model.errors import ImageError

LONGEST_SENTENCE = 250
REFUSAL_MB = 50  # what the refusal of a bomb may cost; unpacking the smallest one takes 100 MB
AT_THE_LIMIT_MB = 500  # a file may just be read: 40 megapixels take 160 MB in Pillow, and are copied once or twice


def answer(upload) -> np.ndarray | str:
    """The pixels that the page shows, or the sentence that it says."""
    try:
        return own_photo(upload.content, upload.file, 4).pixels
    except ImageError as refusal:
        return str(refusal)


def test_every_file_is_shown_right_or_refused_in_a_sentence(hostile):
    files, wrong = [*hostile.uploads(), *hostile.bombs()], []
    assert len({file.what for file in files}) == len(files) >= 60
    for file in files:
        found = answer(file)
        if isinstance(found, str):
            clear = len(found) < LONGEST_SENTENCE and not any(unicodedata.category(letter) == "Cc" for letter in found)
            ok = file.shows is None and bool(re.search(file.says, found)) and clear
        else:
            ok = file.shows is not None and file.is_shown(found)
        wrong += [] if ok else [(file.what, found)]
    assert wrong == []


def test_the_sentence_speaks_to_someone_with_a_browser(hostile):
    said = [found for file in [*hostile.uploads(), *hostile.bombs()] if isinstance(found := answer(file), str)]
    for term in ("--", "max_pixels", "buffer", "unpack", "Error"):
        assert not [sentence for sentence in said if term in sentence], term


def test_a_name_cannot_turn_or_stretch_the_sentence(hostile):
    broken = {file.what: answer(file) for file in hostile.uploads() if file.what.startswith("a name")}
    assert str(broken["a name that runs backwards"]).startswith("safegnp.exe.png: is damaged")
    assert str(broken["a name with a line break"]).startswith("twolines.png: is damaged")
    assert re.match(r"n+…n+\.png: is damaged", str(broken["a name of 250 letters"]))


@pytest.mark.slow
def test_names_show_letter_by_letter_on_the_page(hostile):
    page = fresh()
    page.run()
    names = [file for file in hostile.uploads() if file.what.startswith("a name") and file.shows is None]
    for file in names:
        page.get_by_key("file").set_value((file.file, file.content, "image/png"))
        page.run()
        assert not page.exception
        [error] = page.error
        assert not re.search(r"(?<!\\)[<>*_$\[\]!]", error.value), "a letter that Markdown would take for its own"
    page.get_by_key("file").set_value(("good.png", hostile.encoded(hostile.picture()), "image/png"))
    page.run()
    assert not page.error and page.query_params["photo"] == "upload"


PEAK_PROGRAM = """
import pathlib, sys
from explain.app.compute.photos import own_photo
from model.errors import ImageError

def memory_mb(name):
    return int(pathlib.Path("/proc/self/status").read_text().split(name + ":")[1].split()[0]) / 1024

files = [pathlib.Path(name).read_bytes() for name in sys.argv[1:]]
before = memory_mb("VmHWM")
for content in files:
    try:
        own_photo(content, "bomb.png", 4)
    except ImageError as error:
        print(error)
print(memory_mb("VmHWM") - before, memory_mb("VmRSS") - before)
"""


def memory_taken_by(files, folder) -> tuple[str, float, float]:
    """What was said, how many megabytes memory rose at most, and by how much in the end."""
    paths = [folder / str(number) for number, _ in enumerate(files)]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    run = [sys.executable, "-c", PEAK_PROGRAM, *map(str, paths)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    *said, last = done.stdout.splitlines()
    most, left = map(float, last.split())
    return "\n".join(said), most, left


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell how much memory was taken")
def test_bombs_do_not_go_off(hostile, tmp_path):
    files = [file.content for file in hostile.bombs()]
    assert max(map(len, files)) < 200_000, "the danger: small files"
    said, most, _ = memory_taken_by(files, tmp_path)
    assert len(said.splitlines()) == len(files)
    assert most < REFUSAL_MB


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell how much memory was taken")
@pytest.mark.slow
def test_the_largest_file_that_is_read_leaves_nothing_behind(hostile, tmp_path):
    said, most, left = memory_taken_by([hostile.bomb(6300)], tmp_path)
    assert said == ""
    assert REFUSAL_MB < most < AT_THE_LIMIT_MB, "it is read, and its memory seen"
    assert left < REFUSAL_MB
