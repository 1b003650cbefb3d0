"""The live part's scripts, in Node: they compute what the emulator computes, and explain it as the cell inspector."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from embedded.camera.ov7675 import Camera
from explain.app.live.live_files import live_files, write_files
from explain.app.live.network_data import LiveNetwork
from explain.app.live.proof_frames import run_hash
from explain.cell.int8.int8_inspector import Int8Inspector
from model.images.camera_formats import rgb565_to_rgb, rgb_to_rgb565, rgb_to_yuv422, to_frame, yuv422_to_rgb
from model.images.darken import Darkness, darken
from model.samples import SAMPLES, load_sample

SCRIPT = Path(__file__).with_name("run_frames.mjs")
POSITIONS = 200
DRAWS = 40_000  # of the simulated sensor for each level
FLOAT = 1e-9  # sigmoid and companding curve are doubles in both languages; libraries differ in the last bits


@pytest.fixture(scope="module")
def network():
    return LiveNetwork()


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory, require):
    require(shutil.which("node"), "needs node, which runs the page's scripts without a browser")
    made = tmp_path_factory.mktemp("live")
    write_files(made, live_files(network))
    return made


def ask(folder, wasm, cell_file="cells.json", **request):
    command = ["node", str(SCRIPT), str(folder), wasm, cell_file]
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def text(array):
    return base64.b64encode(array.tobytes()).decode()


def frames(count, size=(120, 160)):
    """Samples as they are, darkened samples, noise, black and white."""
    rng = np.random.default_rng(5)
    rows, columns = size
    flat = [np.full((rows, columns, 2), value, np.uint8) for value in (0, 255)]
    flat[1][..., 1] = 128
    found = [*flat, rng.integers(0, 256, (rows, columns, 2), np.uint8)]
    for k in range(count - len(found)):
        dark, bright = load_sample(SAMPLES[k % len(SAMPLES)].name)
        scene = dark if k < len(SAMPLES) else bright
        if size == (120, 160):
            found.append(Camera(light=None if k < len(SAMPLES) else 2.0 ** -(1 + k % 7)).capture(scene, k))
        else:
            picture = np.tile(to_frame(scene), (rows // 120, columns // 160, 1))
            found.append(rgb_to_yuv422(picture))
    return found


@pytest.mark.parametrize("wasm", ["net.wasm", "net.simd.wasm"])
def test_every_tensor_of_a_frame_is_the_emulators(network, folder, wasm):
    given = frames(5)
    expected = [run_hash(network.small, frame) for frame in given]
    assert ask(folder, wasm, frames=list(map(text, given)))["hashes"] == expected


@pytest.mark.slow
@pytest.mark.parametrize("wasm", ["net.wasm", "net.simd.wasm"])
def test_every_tensor_of_fifty_frames_is_the_emulators(network, folder, wasm):
    given = frames(50)
    expected = [run_hash(network.small, frame) for frame in given]
    assert ask(folder, wasm, frames=list(map(text, given)))["hashes"] == expected


@pytest.mark.slow
def test_every_tensor_of_the_larger_frame_is_the_emulators(network, folder):
    given = frames(6, (360, 480))
    expected = [run_hash(network.large, frame) for frame in given]
    found = ask(folder, "net.large.simd.wasm", "cells.large.json", frames=list(map(text, given)))
    assert found["hashes"] == expected


def test_a_picture_of_another_format_is_restored_as_by_the_emulator(network, folder):
    given = [to_frame(load_sample(sample.name)[1]) // 8 for sample in SAMPLES[:2]]
    found = ask(folder, "net.simd.wasm", pictures=list(map(text, given)))
    for picture, restored, yuv in zip(given, found["restored"], found["yuv"], strict=True):
        seen = rgb565_to_rgb(rgb_to_rgb565(picture))
        assert base64.b64decode(restored) == network.small.restore(seen).tobytes()
        assert base64.b64decode(yuv) == rgb_to_yuv422(picture).tobytes()


def test_a_photo_of_the_frames_size_is_saved_as_the_restored_frame_and_a_larger_one_has_its_residual(network, folder):
    frame = frames(9)[3]
    picture, expected = yuv422_to_rgb(frame), network.small.restore(frame)
    for times in (1, 3):
        large = picture.repeat(times, 0).repeat(times, 1)
        rgba = np.dstack([large, np.full(large.shape[:2], 255, np.uint8)])
        photo = {"width": 160 * times, "height": 120 * times, "rgba": text(rgba)}
        found = ask(folder, "net.simd.wasm", frames=[text(frame)], photo=photo)["photo"]
        saved = np.frombuffer(base64.b64decode(found), np.uint8).reshape(120 * times, 160 * times, 4)
        middle = saved[times // 2 :: times, times // 2 :: times, :3].astype(int)  # the centres of the frame's pixels
        # The frame was clipped to bytes, and the residual is what is left of it: rounding apart, nothing else.
        assert np.abs(middle - expected).max() <= 1
        assert (saved[..., 3] == 255).all()


def explained(network, folder, large):
    emulator, cells, wasm = (
        (network.large, "cells.large.json", "net.large.simd.wasm")
        if large
        else (network.small, "cells.json", "net.simd.wasm")
    )
    frame = frames(5, emulator.tables.size)[-1]
    inspector = Int8Inspector(emulator, emulator.tensors(frame), frame)
    rng = np.random.default_rng(11)
    # Every tensor equally likely, corners as well as middles; each kind of operator is among them.
    names = [inspector.names[k] for k in rng.permutation(len(inspector.names))[:POSITIONS]]
    places = []
    for name in names:
        shape = inspector.shape(name)
        where = rng.random(3) if rng.random() < 0.7 else rng.integers(0, 2, 3) * 0.999999
        places.append([name, *(int(share * size) for share, size in zip(where, shape, strict=True))])
    found = ask(folder, wasm, cells, frames=[text(frame)], cells=places)["cells"]
    assert len(found) == POSITIONS
    for place, cell in zip(places, found, strict=True):
        check(cell, inspector.cell(*place))


def check(found, expected):
    assert (found["title"], found["kind"], found["rule"]) == (expected.title, expected.kind, expected.rule)
    assert (found["value"], found["result"], found["value"]) == (expected.value, expected.recomputed, found["result"])
    assert tuple(found["shape"]) == expected.shape
    for one, other in zip(found["operands"], expected.operands, strict=True):
        ref = None if other.ref is None else list(other.ref)
        assert (one["symbol"], one["value"], one["weight"], one["ref"]) == (
            other.symbol,
            other.value,
            other.weight,
            ref,
        )
        assert (one["zero"], one["scale"]) == (other.zero_point, other.scale)
    assert [step["words"] for step in found["steps"]] == [step.words for step in expected.steps]
    assert [step["value"] for step in found["steps"]] == pytest.approx(
        [step.value for step in expected.steps], rel=FLOAT, abs=FLOAT
    )


def test_the_arithmetic_of_200_positions_is_the_inspectors(network, folder):
    explained(network, folder, large=False)


@pytest.mark.slow
def test_so_is_that_of_the_larger_frame(network, folder):
    explained(network, folder, large=True)


@pytest.mark.slow
def test_the_light_slider_darkens_as_the_simulated_sensor(folder):
    lights = [2.0**-stops for stops in (1, 3, 5, 8)]
    levels = np.arange(0, 256, 15)
    for light, moments in zip(lights, ask(folder, "net.wasm", lights=lights)["levels"], strict=True):
        scene = np.repeat(levels, 3 * DRAWS).reshape(len(levels), DRAWS, 3).astype(np.uint8)
        seen = darken(scene, np.random.default_rng(3), Darkness(exposure=1 / light)).reshape(len(levels), -1)
        mean, variance = np.array(moments)[levels].T
        error = 5 * np.sqrt(seen.var(axis=1) / seen.shape[1])
        assert (np.abs(mean - seen.mean(axis=1)) <= 0.02 * seen.mean(axis=1) + error).all()
        # The spread of a variance that was estimated from n draws is about sqrt(2 / n) of it, more with heavy tails.
        assert (
            np.abs(variance - seen.var(axis=1)) <= 0.02 * variance + 5 * variance * np.sqrt(4 / seen.shape[1])
        ).all()
