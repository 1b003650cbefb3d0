"""The camera's bytes say what the formulas say, come back, get noisy in the dark, and give their order away."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quick import quick

from embedded.camera import ov7675 as camera_module
from embedded.camera.ov7675 import FORMATS, Camera
from model.errors import ImageError, MirnetError
from model.images.camera_formats import YUV_ORDERS, to_frame
from model.images.darken import Darkness, darken, through_camera, to_linear
from model.images.photo_files import list_images, load_image
from model.quality.view import as_the_board_sees
from model.samples import SAMPLES, load_sample

COLOURS = [
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 165, 0),
    (0, 128, 128),
    (37, 20, 11),
    (9, 14, 60),
    (200, 200, 200),
]
# Per channel, over all colours: YUV's rounding; the low bits that RGB565 drops.
ROUND_TRIP = {"yuv422": [1, 1, 1], "rgb565": [7, 3, 7]}
# Half a level, and the last digits of coefficients given with three decimals.
ROUNDING = 0.51
# 19,200 lumas: the standard error of their variance is 1 %; the bend of the sRGB curve and the rounding of U, V and
# levels, which the formula leaves out, take a few more.
VARIANCE_ERROR = 0.12
LIGHTS = (None, 1 / 8, 1 / 32, 1 / 100)
ORDERS = [(name, order) for name in ("yuv422", "rgb565") for group in FORMATS[name].orders for order in group]
PHOTOS = [(sample.name, side) for sample in SAMPLES for side in (0, 1)]  # the dark one and its reference


def flat(rgb, shape=(120, 160)) -> np.ndarray:
    return np.tile(np.array(rgb, np.uint8), (*shape, 1))


def group_of(name: str, order: str) -> tuple[str, ...]:
    return next(group for group in FORMATS[name].orders if order in group)


@pytest.mark.parametrize("rgb", COLOURS)
def test_bytes_of_a_colour_are_those_of_the_formulas(rgb):
    """JFIF's equations in floating point, and shifts of RGB565 by hand; a scene of any size is framed first."""
    red, green, blue = rgb
    scene = flat(rgb, (90, 210))
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    u = min(255, 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue)
    v = min(255, 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue)
    stream = np.frombuffer(Camera().capture(scene).tobytes(), np.uint8)
    np.testing.assert_allclose(stream.reshape(-1, 4), np.tile([y, u, y, v], (9600, 1)), atol=ROUNDING)
    word = red // 8 * 2048 + green // 4 * 32 + blue // 8
    assert Camera("rgb565").capture(scene).tobytes() == word.to_bytes(2, "big") * 19_200
    assert Camera("rgb565", "little").capture(scene).tobytes() == word.to_bytes(2, "little") * 19_200
    np.testing.assert_allclose(Camera("grayscale").capture(scene), y, atol=ROUNDING)


def test_bytes_of_pure_red():
    assert Camera().capture(flat((255, 0, 0))).tobytes()[:8] == bytes([76, 85, 76, 255] * 2)
    assert Camera(order="VYUY").capture(flat((255, 0, 0))).tobytes()[:8] == bytes([255, 76, 85, 76] * 2)


@pytest.mark.parametrize(("name", "order"), ORDERS)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**31 - 1), low=st.integers(0, 255), high=st.integers(0, 255))
def test_a_picture_comes_back_within_its_formats_error(name, order, seed, low, high):
    """Any colours; in YUV 4:2:2 two neighbours have the same, since they share it."""
    low, high = sorted((low, high))
    colours = np.random.default_rng(seed).integers(low, high + 1, (120, 80, 3), dtype=np.uint8)
    picture = np.repeat(colours, 2, axis=1)
    camera = Camera(name, order)
    back = camera.picture(camera.capture(picture)).astype(int)
    assert (np.abs(back - picture).max(axis=(0, 1)) <= ROUND_TRIP[name]).all()


@settings(max_examples=12)
@given(seed=st.integers(0, 2**31 - 1))
def test_grayscale_is_the_luma_of_yuv_and_half_as_long(seed):
    picture = np.random.default_rng(seed).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    grey = Camera("grayscale").capture(picture)
    assert grey.tobytes() == Camera().capture(picture).tobytes()[0::2]
    assert grey.shape == Camera("grayscale").shape == (120, 160, 1)
    back = Camera("grayscale").picture(grey.tobytes())
    np.testing.assert_array_equal(back, np.repeat(grey, 3, axis=-1))
    np.testing.assert_allclose(back[..., 0], picture @ [0.299, 0.587, 0.114], atol=ROUNDING)


@pytest.mark.parametrize("sample", [sample.name for sample in SAMPLES])
def test_the_whole_chain_is_what_training_and_evaluation_see(sample):
    low, high = load_sample(sample)
    camera = Camera()
    np.testing.assert_array_equal(camera.picture(camera.capture(low)), as_the_board_sees(low, high)[0])
    camera = Camera("rgb565")
    np.testing.assert_array_equal(camera.picture(camera.capture(high)), through_camera(to_frame(high), "rgb565"))
    camera = Camera(light=1 / 20)
    expected = darken(to_frame(high), np.random.default_rng(3), Darkness(exposure=20, camera="yuv422"))
    np.testing.assert_array_equal(camera.picture(camera.capture(high, 3)), expected)


def test_the_same_seed_makes_the_same_noise():
    photo = load_sample("palace")[1]
    camera = Camera(light=1 / 30)
    np.testing.assert_array_equal(camera.capture(photo, 5), camera.capture(photo, np.random.default_rng(5)))
    np.testing.assert_array_equal(camera.capture(photo), camera.capture(photo))
    assert (camera.capture(photo, 5) != camera.capture(photo, 6)).mean() > 0.3
    plain = Camera()
    np.testing.assert_array_equal(plain.capture(photo, 5), plain.capture(photo, 6))


def test_noise_grows_as_the_light_falls_as_physics_has_it():
    """Relative to the light, variance is (electrons + read noise²) / electrons²; luma averages three such channels."""
    scene, linear, darkness = flat((188, 188, 188)), to_linear(np.array(188 / 255)), Darkness()
    measured = []
    for light in (1, 1 / 4, 1 / 16, 1 / 64):
        luma = Camera("grayscale", light=light).capture(scene, 9)[..., 0] / 255
        electrons = linear * light * darkness.full_well
        expected = (electrons + darkness.read_noise**2) / electrons**2 * (0.299**2 + 0.587**2 + 0.114**2)
        slope = np.gradient(to_linear(np.array([-0.5, 0.5]) / 255 + luma.mean())).mean() * 255  # of light by level
        variance = luma.var() - 2 / 12 / 255**2 * 0.75  # less the rounding to bytes: three channels, then luma
        measured.append(variance * slope**2 / (linear * light) ** 2)
        assert measured[-1] == pytest.approx(expected, rel=VARIANCE_ERROR)
    assert measured == sorted(measured)
    assert measured[-1] > 64 * measured[0]


@pytest.mark.parametrize(("photo", "side"), quick(PHOTOS, first=3))
def test_the_byte_order_shows_in_photos_bright_and_dark(photo, side):
    """Each order but that of U and V, which stays open; a camera that expects another order says so."""
    scene = load_sample(photo)[side]
    for light in LIGHTS[: 3 if side == 0 else 4]:  # dark once more a hundredfold, RGB565 is black
        for name, order in ORDERS:
            frame = Camera(name, order, light).capture(scene)
            fitting = Camera(name).fitting_orders(frame)
            assert fitting == group_of(name, order), (name, order, light)
            for expected in sum(FORMATS[name].orders, ()):
                told = Camera(name, expected).looks_wrong(frame)
                assert (told is None) == (expected in fitting), (name, order, expected, light)


GOOD_FRAMES = 1_000


def some_of(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A part of a photo, at times mirrored."""
    height, width = (int(side * rng.uniform(0.5, 1)) for side in scene.shape[:2])
    top, left = (int(rng.integers(0, room + 1)) for room in np.subtract(scene.shape[:2], (height, width)))
    return scene[top : top + height, left : left + width][:, :: rng.choice((-1, 1))]


def check_no_alarm(photos: list[np.ndarray], lights: tuple[float, float] | None, count: int) -> None:
    """Nothing is said against frames of photos, in lights from dark to bright; None takes them as dark as they are."""
    rng = np.random.default_rng(17)
    for number in range(count):
        scene = some_of(photos[number % len(photos)], rng)
        light = None if lights is None else float(np.exp(rng.uniform(*np.log(lights))))
        order = YUV_ORDERS[number % 2]  # the other two are told from these, and these not from each other
        frame = Camera(order=order, light=light).capture(scene, rng)
        assert Camera().looks_wrong(frame) is None, (number, light)


@pytest.mark.parametrize("count", [20, pytest.param(GOOD_FRAMES, marks=pytest.mark.slow)])
def test_no_good_dark_frame_is_called_wrong(count):
    bright = [load_sample(sample.name)[1] for sample in SAMPLES]
    check_no_alarm(bright, (1 / 128, 1 / 4), count)


@pytest.mark.slow
def test_no_good_dark_frame_of_lol_is_called_wrong(require):
    require(os.environ.get("MIRNET_LOL"), "needs the LOL pairs: MIRNET_LOL=folder with our485 and validation.txt")
    paths = list_images(Path(os.environ["MIRNET_LOL"]) / "our485" / "low")
    check_no_alarm([load_image(path) for path in paths], None, GOOD_FRAMES)


def test_neither_smoothness_nor_possible_colours_alone_would_do(monkeypatch):
    """So the test above can fail: in the dark a wrong order is the smoothest, and in a faint scene all are possible."""
    for sample in SAMPLES:
        bright = load_sample(sample.name)[1]
        dark, faint = Camera(light=1 / 100).capture(bright), Camera().capture(96 + bright // 4)
        assert Camera().fitting_orders(dark) == Camera().fitting_orders(faint) == YUV_ORDERS[:2]
        with monkeypatch.context() as patch:
            patch.setattr(camera_module, "IMPOSSIBLE", 0)
            assert Camera().fitting_orders(dark) == YUV_ORDERS[2:]
        for camera in (Camera(order=order) for order in YUV_ORDERS):
            np.testing.assert_array_equal(camera.capture(camera.picture(faint)), faint)


def test_a_lost_byte_is_noticed():
    for photo, side in PHOTOS:
        frame = Camera().capture(load_sample(photo)[side]).tobytes()
        told = Camera().looks_wrong(frame[1:] + b"\0")
        assert told == (
            "the frame looks like UYVY or VYUY, not YUYV: read it with Camera('yuv422', order='UYVY'), "
            "unless an odd number of bytes got lost before it, which a photo cannot tell: take the test pattern"
        )


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        ("yuv422", flat((128, 128, 128))),
        ("yuv422", flat((64, 64, 64))),
        ("rgb565", flat((255, 255, 255))),
        ("rgb565", load_sample("room")[1] // 64),  # nothing is left but black
        ("grayscale", load_sample("room")[1]),
    ],
)
def test_where_nothing_shows_it_says_nothing(name, scene):
    frame = Camera(name).capture(scene)
    assert Camera(name).fitting_orders(frame) == sum(FORMATS[name].orders, ())
    assert Camera(name, FORMATS[name].orders[-1][-1]).looks_wrong(frame) is None


def test_thin_lines_look_like_colour():
    """A line one pixel wide is smoother read as a colour: one is no evidence, a frame full of them deceives."""
    line, stripes = flat((128, 128, 128)), flat((128, 128, 128))
    line[:, 80] = 150
    stripes[:, ::2] = 150
    assert Camera().fitting_orders(Camera().capture(line)) == YUV_ORDERS
    assert Camera().fitting_orders(Camera().capture(stripes)) == YUV_ORDERS[2:]


def test_noise_without_a_scene_has_no_order():
    for seed in range(5):
        frame = np.random.default_rng(seed).bytes(38_400)
        assert Camera().fitting_orders(frame) == YUV_ORDERS
        assert Camera("rgb565").fitting_orders(frame) == ("big", "little")


def test_bytes_and_arrays_of_a_frame_are_read_alike():
    frame = Camera().capture(load_sample("hedgehog")[1])
    expected = Camera().picture(frame)
    assert (expected.shape, expected.dtype) == ((120, 160, 3), np.uint8)
    stream = frame.tobytes()
    for same in (stream, bytearray(stream), memoryview(stream), frame.reshape(-1), frame.view(">u2").view(np.uint8)):
        np.testing.assert_array_equal(Camera().picture(same), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Camera().picture(bytes(38_000)),
            "38,000 bytes, but yuv422 has 38,400 a frame; wait for the rest, or capture again",
        ),
        (lambda: Camera().looks_wrong(b""), "0 bytes, but yuv422 has 38,400 a frame; wait for the rest"),
        (
            lambda: Camera("rgb565").fitting_orders(bytes(38_402)),
            "38,402 bytes, but .* cut it where the first frame ends",
        ),
        (lambda: Camera().picture(bytes(19_200)), "a frame of grayscale has so many: choose that format"),
        (lambda: Camera("grayscale").picture(bytes(38_400)), "a frame of yuv422 or rgb565 has so many"),
        (lambda: Camera().picture(np.zeros((120, 160), "u2")), r"not of uint16; \.view\('uint8'\)"),
        (
            lambda: Camera().picture(np.zeros((160, 120, 2), "u1")),
            r"must be \(120, 160, 2\), not \(160, 120, 2\); rows",
        ),
        (lambda: Camera().capture(np.zeros((120, 160, 3))), "scene: give uint8, 0..255, not float64"),
        (lambda: Camera(light=0.1).capture(np.zeros((120, 160), "u1")), "image: shape must be"),
    ],
)
def test_what_is_no_frame_and_no_scene_is_told(call, message):
    with pytest.raises(ImageError, match=message):
        call()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"format": "rgb444"}, "unknown camera format 'rgb444'; there are yuv422, rgb565, grayscale"),
        ({"order": "big"}, "unknown byte order 'big' of yuv422; there are YUYV, YVYU, UYVY, VYUY"),
        ({"format": "grayscale", "order": "YUYV"}, "of grayscale; there are Y"),
        ({"light": 0}, "light is the share that is left, above 0 and at most 1, not 0"),
        ({"light": 32}, "not 32"),
        ({"light": float("nan")}, "not nan"),
    ],
)
def test_an_impossible_camera_is_refused(settings, message):
    with pytest.raises(MirnetError, match=re.escape(message)):
        Camera(**settings)
