"""Damaged and hostile files: a clear error for each, and this process lives."""

import numpy as np
import pytest

from embedded.emulator import Emulator
from embedded.quantize.calibrate import together
from embedded.tflite import sandbox as vetting
from embedded.tflite.graph_file import ModelFileError
from embedded.tflite.rewrite import with_scales
from embedded.tflite.runtime import PROBE
from embedded.tflite.sandbox import faults, vet
from model.errors import MirnetError

MUTATIONS = 300


@pytest.fixture(scope="module")
def model(small) -> bytes:
    return small.quantized.model


def mutations(model: bytes, count: int):
    """Cuts, flipped bits, bytes put in, zeroed and repeated stretches; most of them where the structure is."""
    rng = np.random.default_rng(11)
    for k in range(count):
        data = bytearray(model)
        place = int(rng.integers(0, len(data)) if k % 3 else rng.integers(0, 2000))
        if k % 5 == 0:
            data = data[:place]
        elif k % 5 == 1:
            data[place] ^= 1 << int(rng.integers(0, 8))
        elif k % 5 == 2:
            data[place:place] = rng.integers(0, 256, 4, np.uint8).tobytes()
        elif k % 5 == 3:
            data[place : place + 64] = bytes(64)
        else:
            data[place : place + 4] = b"\xff\xff\xff\x7f"
        yield bytes(data)


@pytest.mark.slow
def test_hundreds_of_mutations(model, tmp_path):
    paths = []
    for k, content in enumerate(mutations(model, MUTATIONS)):
        paths.append(tmp_path / f"{k}.tflite")
        paths[-1].write_bytes(content)
    found = faults(paths)
    assert len(found) == MUTATIONS
    said = [fault for fault in found if fault is not None]
    assert len(said) > MUTATIONS / 3  # a bit in a weight is still a model
    assert all(len(fault) > 10 and "\n" not in fault for fault in said)


def test_what_kills_the_interpreter_is_told(tmp_path, small):
    """Logits with a step of 8e-9 end the process in the softmax; the converter itself writes such files."""
    graph, leader = small.emulator.graph, together(small.emulator.graph)
    softmax = next(each for each in graph.operators if each.kind == "SOFTMAX")
    logits = [index for index, first in leader.items() if first == leader[softmax.inputs[0]]]
    path = tmp_path / "deadly.tflite"
    path.write_bytes(with_scales(small.quantized.model, dict.fromkeys(logits, (7.8e-9, 0))))
    [fault] = faults([path])
    assert fault is not None and "does not survive" in fault
    with pytest.raises(ModelFileError, match="does not survive"):
        Emulator(path)


def test_a_good_file_passes_and_is_remembered(model, monkeypatch):
    vet(model)
    monkeypatch.setattr(vetting, "faults", lambda paths: pytest.fail("tried again"))
    vet(model)


def test_good_and_bad_in_one_go(tmp_path):
    (tmp_path / "good.tflite").write_bytes(PROBE.read_bytes())
    (tmp_path / "bad.tflite").write_bytes(PROBE.read_bytes()[:300])
    names = ["good", "bad", "good", "none"]
    good, bad, again, none = faults([tmp_path / f"{name}.tflite" for name in names])
    assert good is None and again is None
    assert "cut off or damaged" in bad
    assert "No such file" in none


def test_a_helper_that_dies_takes_only_its_file_along(tmp_path, monkeypatch, capfd):
    """Where there are no copies of a process (Windows), the helper itself ends; the files after it are tried anyway."""
    (tmp_path / "good.tflite").write_bytes(PROBE.read_bytes())
    deaths = iter([-6, 0])

    def run(command, **_):
        code = next(deaths)
        told = "ready\nnull\n" if code else "ready\n" + "null\n" * (len(command) - 3)
        return type("Done", (), {"stdout": told, "returncode": code})

    monkeypatch.setattr(vetting.subprocess, "run", run)
    first, second, third = faults([tmp_path / "good.tflite"] * 3)
    assert first is None and "signal 6" in second and third is None


@pytest.mark.parametrize("content", [b"", b"hello", PROBE.read_bytes()])
def test_the_emulator_says_what_is_wrong(content, tmp_path):
    path = tmp_path / "m.tflite"
    path.write_bytes(content)
    with pytest.raises(MirnetError, match=r"no \.tflite file|has float32 input"):
        Emulator(path)
