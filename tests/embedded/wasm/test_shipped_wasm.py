"""The shipped WebAssembly is what the shipped model and this code compile to."""

from hashlib import sha256
from importlib.util import find_spec

import pytest

from embedded.models.shipped_models import NANO, model_file
from embedded.wasm import shipped_wasm
from embedded.wasm.shipped_wasm import BUILDS, build_all, shipped_note
from embedded.wasm.wasm_build import build_wasm, wasm_compiler
from model.errors import MirnetError

REBUILD = "after a change of the C, a kernel or the model: python -m embedded.wasm.shipped_wasm"


@pytest.fixture(scope="module")
def model():
    return model_file(NANO).read_bytes()


def test_they_are_whole_and_of_the_shipped_model(model):
    found = shipped_wasm.shipped_wasm()
    assert list(found) == [build.ending for build in BUILDS]
    assert all(content.startswith(b"\0asm") for content in found.values())
    assert shipped_note()["model"] == sha256(model).hexdigest(), REBUILD


def test_a_damaged_one_is_refused(tmp_path, monkeypatch):
    for path in shipped_wasm.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "nano.wasm").write_bytes(b"\0asm")
    monkeypatch.setattr(shipped_wasm, "FOLDER", tmp_path)
    with pytest.raises(MirnetError, match="damaged"):
        shipped_wasm.shipped_wasm()


@pytest.mark.slow
def test_a_rebuild_gives_the_same_bytes(model, require):
    require(find_spec("ziglang"), "needs ziglang: pip install 'mirnet-explainer[board]'")
    require(wasm_compiler() == shipped_note()["compiler"], "another version of ziglang than the files were made with")
    assert build_all(model) == shipped_wasm.shipped_wasm(), REBUILD


@pytest.mark.slow
def test_two_builds_are_equal(model, require):
    require(find_spec("ziglang"), "needs ziglang: pip install 'mirnet-explainer[board]'")
    assert build_wasm(model) == build_wasm(model)
