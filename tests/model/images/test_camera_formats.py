"""The camera's bytes against tables that were not computed here, round trips, and the geometry of a frame."""

import numpy as np
import pytest

from model.errors import ImageError
from model.images.camera_formats import (
    COLUMNS,
    ROWS,
    YUV_ORDERS,
    depth_to_space,
    resize,
    rgb565_to_rgb,
    rgb_to_rgb565,
    rgb_to_yuv422,
    space_to_depth,
    to_frame,
    yuv422_to_rgb,
)
from model.quality.metrics import psnr
from model.samples import SAMPLES, load_sample

# Colours in Y, Cb, Cr over the full range of a byte (JFIF, ITU-T T.871). Pure blue's Cb and pure red's Cr are 255.5,
# and a byte ends at 255; yellow's Cb and cyan's Cr are 0.5, rounded up like all halves.
BT601 = {
    "black": ((0, 0, 0), (0, 128, 128)),
    "white": ((255, 255, 255), (255, 128, 128)),
    "grey": ((128, 128, 128), (128, 128, 128)),
    "red": ((255, 0, 0), (76, 85, 255)),
    "green": ((0, 255, 0), (150, 44, 21)),
    "blue": ((0, 0, 255), (29, 255, 107)),
    "yellow": ((255, 255, 0), (226, 1, 149)),
    "cyan": ((0, 255, 255), (179, 171, 1)),
    "magenta": ((255, 0, 255), (105, 212, 235)),
}
# 16-bit words of colours, as graphics libraries for small displays name them.
RGB565 = {
    (0, 0, 0): 0x0000,
    (255, 255, 255): 0xFFFF,
    (255, 0, 0): 0xF800,
    (0, 255, 0): 0x07E0,
    (0, 0, 255): 0x001F,
    (255, 165, 0): 0xFD20,  # orange
    (0, 128, 128): 0x0410,  # teal
}
# Each colour comes back within this, by running all 16.7 million of them; the test takes every fifth level.
YUV_ROUND_TRIP = 1
# Half a level, and the last digits of their coefficients, which are given with three decimals.
ROUNDING = 0.51
# What a wrong order of bytes does to a photo is far worse than what the right one costs.
WRONG_ORDER_DB = 20
# A photo's detail is finer than a colour for every two pixels.
YUV_PHOTO_DB = 30


def colour(rgb, width=4) -> np.ndarray:
    return np.tile(np.array(rgb, np.uint8), (3, width, 1))


@pytest.mark.parametrize("name", BT601)
def test_known_colours_in_yuv(name):
    rgb, (y, u, v) = BT601[name]
    frame = rgb_to_yuv422(colour(rgb))
    assert frame.shape == (3, 4, 2)
    assert frame.tobytes() == bytes([y, u, y, v] * 6)
    np.testing.assert_allclose(yuv422_to_rgb(frame), colour(rgb), atol=YUV_ROUND_TRIP)


def test_bt601_as_scikit_image_has_it():
    """Their YCbCr keeps to the range of television, 16 to 235 and 16 to 240: stretched to 0..255 it must be ours."""
    color = pytest.importorskip("skimage.color", reason="needs scikit-image")
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 52, 3)
    theirs = (color.rgb2ycbcr(colours) - [16, 128, 128]) * [255 / 219, 255 / 224, 255 / 224] + [0, 128, 128]
    theirs = theirs.clip(0, 255)
    ours = rgb_to_yuv422(np.repeat(colours, 2, axis=1))  # each colour twice: a pair of its own
    got = np.stack([ours[:, 0::2, 0], ours[:, 0::2, 1], ours[:, 1::2, 1]], axis=-1)
    np.testing.assert_allclose(got, theirs, atol=ROUNDING)
    np.testing.assert_array_equal(ours[:, 1::2, 0], ours[:, 0::2, 0])
    back = np.abs(yuv422_to_rgb(ours)[:, 0::2].astype(int) - colours)
    assert back.max() == YUV_ROUND_TRIP


def test_greys_stay_exactly_grey():
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    np.testing.assert_array_equal(yuv422_to_rgb(rgb_to_yuv422(grey)), grey)


def test_two_neighbours_keep_their_luma_and_share_their_mean_colour():
    pair = np.array([[[200, 60, 60], [60, 60, 200]]], np.uint8)
    y0, u, y1, v = rgb_to_yuv422(pair).tobytes()
    assert (y0, y1) == (round(0.299 * 200 + 0.701 * 60), round(0.114 * 200 + 0.886 * 60))
    mean_y = (0.299 + 0.114) * 130 + 0.587 * 60  # of the mean colour (130, 60, 130)
    assert u == round(128 + (130 - mean_y) / 1.772)
    assert v == round(128 + (130 - mean_y) / 1.402)
    back = yuv422_to_rgb(rgb_to_yuv422(pair)).astype(float)
    difference = back[0, 0] - back[0, 1]
    np.testing.assert_allclose(difference, y0 - y1, atol=1)  # grey: all that is left is in the luma


@pytest.mark.parametrize("order", YUV_ORDERS)
def test_every_order_reads_what_it_writes_and_is_spelt_in_its_bytes(order):
    pair = np.array([[[10, 200, 30], [240, 20, 90]]], np.uint8)
    frame = rgb_to_yuv422(pair, order)
    letters = dict(zip("YUyV", rgb_to_yuv422(pair).tobytes(), strict=True))  # y is the second pixel's
    first, _, second = order.partition("Y")
    spelt = first + "Y" + second.replace("Y", "y")
    assert list(frame.tobytes()) == [letters[letter] for letter in spelt]
    np.testing.assert_array_equal(yuv422_to_rgb(frame, order), yuv422_to_rgb(rgb_to_yuv422(pair)))


def test_arduinos_grayscale_is_the_even_bytes():
    """Arduino_OV767X keeps every second byte, starting with the first: that is the luma only if Y comes first."""
    photo = load_sample("astronaut")[1]
    stream = rgb_to_yuv422(photo).tobytes()
    grey = np.frombuffer(stream[0::2], np.uint8).reshape(photo.shape[:2])
    np.testing.assert_allclose(grey, photo @ np.array([0.299, 0.587, 0.114]), atol=0.51)


@pytest.mark.parametrize("wrong", YUV_ORDERS[1:])
def test_a_wrong_order_is_noticed_in_yuv(wrong):
    """Decoded in another order, colours (or everything) go wrong by far more than the format costs."""
    photo = load_sample("astronaut")[1]
    frame = rgb_to_yuv422(photo)
    right = psnr(yuv422_to_rgb(frame), photo, data_range=255)
    assert right > YUV_PHOTO_DB
    assert psnr(yuv422_to_rgb(frame, wrong), photo, data_range=255) < min(WRONG_ORDER_DB, right - 10)


@pytest.mark.parametrize("sample", [sample.name for sample in SAMPLES])
def test_a_wrong_order_is_noticed_in_rgb565(sample):
    photo = load_sample(sample)[1]
    frame = rgb_to_rgb565(photo)
    assert psnr(rgb565_to_rgb(frame), photo, data_range=255) > YUV_PHOTO_DB
    assert psnr(rgb565_to_rgb(frame, "little"), photo, data_range=255) < WRONG_ORDER_DB


@pytest.mark.parametrize(("rgb", "word"), RGB565.items())
def test_known_colours_in_rgb565(rgb, word):
    picture = colour(rgb, 1)[:1]
    assert rgb_to_rgb565(picture).tobytes() == word.to_bytes(2, "big")
    assert rgb_to_rgb565(picture, "little").tobytes() == word.to_bytes(2, "little")
    for order in ("big", "little"):
        back = rgb565_to_rgb(rgb_to_rgb565(picture, order), order)
        np.testing.assert_allclose(back[0, 0], rgb, atol=7)


def test_rgb565_round_trip_bound_and_levels():
    levels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    back = rgb565_to_rgb(rgb_to_rgb565(levels)).astype(int)
    assert np.abs(back - levels).max(axis=(0, 1)).tolist() == [7, 3, 7]
    assert [len(np.unique(back[..., channel])) for channel in range(3)] == [32, 64, 32]
    assert len(np.unique(back[:, :64, 0])) == 8  # of the 64 darkest levels
    assert back[0, 255].tolist() == [255, 255, 255]


def test_yuv_costs_a_dark_photo_less_than_rgb565():
    """At the same two bytes a pixel: the reason for the camera's format."""
    dark = to_frame(load_sample("coffee")[0])
    yuv = psnr(yuv422_to_rgb(rgb_to_yuv422(dark)), dark, data_range=255)
    rgb = psnr(rgb565_to_rgb(rgb_to_rgb565(dark)), dark, data_range=255)
    assert yuv > rgb + 3


def test_lol_sized_photo_is_scaled_to_the_rows_and_cut_to_the_columns():
    """400 x 600 is 120 x 180 at the frame's scale: ten columns go on either side."""
    y, x = np.mgrid[0:400, 0:600]
    ramp = np.stack([x * 255 / 599, y * 255 / 399, x * 0.0], axis=-1).astype(np.uint8)
    frame = to_frame(ramp)
    assert frame.shape == (ROWS, COLUMNS, 3) == (120, 160, 3)
    assert frame.dtype == np.uint8
    # The centre of pixel j lies at (10 + j + 1/2) * 10/3 in the photo, where the ramp has risen to x * 255 / 599.
    expected = ((10 + np.arange(160) + 0.5) * 10 / 3 - 0.5) * 255 / 599
    np.testing.assert_allclose(frame[60, :, 0], expected, atol=1.5)  # bytes, rounded down and then resampled
    np.testing.assert_allclose(frame, resize(ramp, 120, 180)[:, 10:170], atol=1)


@pytest.mark.parametrize("shape", [(300, 300), (600, 400), (120, 160), (60, 200), (240, 320)])
def test_any_photo_fills_a_frame_around_its_centre(shape):
    photo = np.zeros((*shape, 3), np.float32)
    middle = shape[0] // 2, shape[1] // 2
    photo[middle[0] - 8 : middle[0] + 8, middle[1] - 8 : middle[1] + 8] = 1
    frame = to_frame(photo)
    assert frame.shape == (120, 160, 3)
    assert frame.dtype == np.float32
    rows, columns = np.nonzero(frame[..., 0] > 0.5)
    assert (rows.mean(), columns.mean()) == pytest.approx((59.5, 79.5), abs=0.51)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)  # a square stays one


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (62, 83), (62, 160), (83, 62), (119, 400), (124, 20)])
def test_no_size_of_photo_is_in_the_way(shape):
    """62 rows, divided by 120 and multiplied again, are a little more than 62."""
    assert to_frame(np.full((*shape, 3), 7, np.uint8)).tolist() == np.full((120, 160, 3), 7).tolist()


def test_scaling_down_averages_and_does_not_alias():
    """A checkerboard of single pixels is grey from far away; picking every fifth pixel would show black or white."""
    board = (np.indices((600, 800)).sum(axis=0) % 2)[..., None].repeat(3, axis=-1).astype(np.uint8) * 255
    np.testing.assert_allclose(to_frame(board)[4:-4, 4:-4], 127.5, atol=2)


def test_resize_of_a_box_and_of_the_same_size():
    photo = load_sample("palace")[1]
    assert resize(photo, *photo.shape[:2]) is photo
    np.testing.assert_array_equal(resize(photo, 20, 30, (10, 40, 40, 60)), photo[40:60, 10:40])
    half = resize(photo / np.float32(255), photo.shape[0] // 2, photo.shape[1] // 2)
    assert half.dtype == np.float32
    np.testing.assert_allclose(half.mean(), photo.mean() / 255, atol=0.002)


def test_space_to_depth_by_hand():
    image = np.arange(4 * 4 * 3).reshape(4, 4, 3)
    deep = space_to_depth(image, 2)
    assert deep.shape == (2, 2, 12)
    np.testing.assert_array_equal(deep[0, 1], np.concatenate([image[0, 2], image[0, 3], image[1, 2], image[1, 3]]))


def test_space_to_depth_is_tensorflows():
    tf = pytest.importorskip("tensorflow")
    image = np.random.default_rng(3).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    for factor in (2, 5, 10):
        np.testing.assert_array_equal(space_to_depth(image, factor), tf.nn.space_to_depth(image[None], factor)[0])


@pytest.mark.parametrize("factor", [1, 2, 5, 10])
def test_depth_to_space_undoes_it(factor):
    frame = np.random.default_rng(5).random((120, 160, 3), np.float32)
    deep = space_to_depth(frame, factor)
    assert deep.shape == (120 // factor, 160 // factor, 3 * factor**2)
    np.testing.assert_array_equal(depth_to_space(deep, factor), frame)


BYTES = np.zeros((4, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rgb_to_yuv422(BYTES[:, :3]), "even width, not 3"),
        (lambda: rgb_to_yuv422(BYTES / 255.0), "give uint8"),
        (lambda: rgb_to_yuv422(BYTES, "YUV"), "unknown byte order 'YUV'; there are YUYV"),
        (lambda: yuv422_to_rgb(BYTES), r"\(height, width, 2\)"),
        (lambda: yuv422_to_rgb(BYTES[..., :2], "yuyv"), "unknown byte order 'yuyv'"),
        (lambda: rgb_to_rgb565(BYTES, "middle"), "unknown byte order 'middle'; there are big, little"),
        (lambda: rgb565_to_rgb(BYTES[..., :2], "middle"), "unknown byte order"),
        (lambda: rgb565_to_rgb(BYTES[:0, :, :2]), "give uint8"),
        (lambda: to_frame(BYTES[..., 0]), "image: shape must be"),
        (lambda: to_frame(BYTES, rows=0), "rows must be an integer of at least 1, not 0"),
        (lambda: resize(BYTES, 3, 2.5), "columns must be an integer of at least 1, not 2.5"),
        (lambda: space_to_depth(BYTES, 3), r"multiples of 3, the shape is \(4, 4, 3\)"),
        (lambda: space_to_depth(BYTES, 0), "factor must be an integer of at least 1, not 0"),
        (lambda: depth_to_space(BYTES, 2), "a multiple of 4"),
    ],
)
def test_mistakes_are_told(call, message):
    with pytest.raises(ImageError, match=message):
        call()
