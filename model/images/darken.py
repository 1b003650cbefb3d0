"""Dark photos from good ones: what a camera makes of a scene when there is little light.

In the order in which a camera meets the light:

1. the photo's sRGB values are turned into linear light, 1 being white;
2. less light: divided by the exposure (32 is five stops), times a colour cast, since lamps are not daylight;
3. the sensor: light becomes electrons (white fills the full well of a pixel), which arrive at random (Poisson: shot
   noise), and reading a pixel out adds Gaussian noise;
4. back to sRGB, rounded to 8 bits;
5. if a camera format is asked for, through its bytes and back (`model.images.camera_formats`).

The sensor model is the usual one: EMVA Standard 1288, release 4.0, section 2.2
(https://www.emva.org/standards-technology/emva-1288/), without the parts that a single low-light photo hardly shows
(dark current, fixed pattern). A JPEG's denoising, sharpening and tone curve are left out.

`Darkness.draw` follows LOL, the usual low-light training set, without its extremes. Measured there, pair by pair in
linear light (90 of the training pairs): exposure 15 to 167 (5th to 95th percentile) with the geometric mean 40; light
relative to the mean of the channels 0.90 to 1.56 in red, 0.95 to 1.22 in green, 0.61 to 1.10 in blue; noise in smooth
parts 1.2 (green) to 2.1 (red) levels of 255 where the picture is at 16. Here a full well of 10,000 electrons with 4
electrons of read noise gives 2.0 levels at 16.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.errors import MirnetError
from model.images.arrays import as_float, as_uint8
from model.images.camera_formats import rgb565_to_rgb, rgb_to_rgb565, rgb_to_yuv422, yuv422_to_rgb

__all__ = [
    "CAMERAS",
    "Darkness",
    "check_camera",
    "darken",
    "sense",
    "through_camera",
    "to_bytes",
    "to_linear",
    "to_srgb",
]

# The spread of `Darkness.draw`: medians, and standard deviations of the logarithm.
EXPOSURE, EXPOSURE_SPREAD, EXPOSURE_LIMITS = 40.0, 0.55, (6.0, 160.0)
CAST_SPREAD = 0.12
FULL_WELL, FULL_WELL_SPREAD = 10_000, 0.4
READ_NOISE, READ_NOISE_SPREAD = 4.0, 0.3

CAMERAS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "rgb": lambda image: image,
    "yuv422": lambda image: yuv422_to_rgb(rgb_to_yuv422(image)),
    "rgb565": lambda image: rgb565_to_rgb(rgb_to_rgb565(image)),
}
"""What each format of a camera leaves of a (height, width, 3) uint8 picture."""


@dataclass(frozen=True)
class Darkness:
    """How dark, under which lamp, with which sensor.

    Attributes:
        exposure: The light is divided by this; at least 1.
        cast: Factors on red, green and blue light, above 0.
        full_well: Electrons that white light fills a pixel with. Fewer are noisier: a smaller sensor, or more gain.
        read_noise: Standard deviation of reading one pixel, in electrons; 0 for none.
        camera: The format that the picture goes through: "rgb" (none), "yuv422" or "rgb565".
    """

    exposure: float = EXPOSURE
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    full_well: float = FULL_WELL
    read_noise: float = READ_NOISE
    camera: str = "rgb"

    def __post_init__(self):
        if not 1 <= self.exposure < math.inf:
            raise MirnetError(f"exposure divides the light, so it must be at least 1, not {self.exposure!r}")
        if len(self.cast) != 3 or not all(0 < factor < math.inf for factor in self.cast):
            raise MirnetError(f"cast must be three factors above 0, for red, green and blue, not {self.cast!r}")
        if not 0 < self.full_well < math.inf:
            raise MirnetError(f"full_well must be a number of electrons above 0, not {self.full_well!r}")
        if not 0 <= self.read_noise < math.inf:
            raise MirnetError(f"read_noise must be a number of electrons from 0, not {self.read_noise!r}")
        check_camera(self.camera)

    @classmethod
    def draw(cls, rng: np.random.Generator, camera: str = "rgb") -> "Darkness":
        """A random darkness, spread like LOL's without its extremes (see above)."""
        exposure, red, blue, well, noise = np.exp(
            rng.normal(0, [EXPOSURE_SPREAD, CAST_SPREAD, CAST_SPREAD, FULL_WELL_SPREAD, READ_NOISE_SPREAD])
        )
        return cls(
            exposure=float(np.clip(EXPOSURE * exposure, *EXPOSURE_LIMITS)),
            cast=(float(red), 1.0, float(blue)),
            full_well=float(FULL_WELL * well),
            read_noise=float(READ_NOISE * noise),
            camera=camera,
        )


def darken(image: np.ndarray, rng: np.random.Generator, darkness: Darkness | None = None) -> np.ndarray:
    """A dark, noisy photo of the scene in a good photo.

    Args:
        image: (height, width, 3) sRGB, uint8 or floating point in [0, 1]; an even width for "yuv422".
        rng: Makes the noise, and draws the darkness if none is given; the same state gives the same picture.
        darkness: How dark; drawn like LOL's by default.

    Returns:
        (height, width, 3) uint8, sRGB.

    Raises:
        ImageError: If the array is no picture.
    """
    darkness = Darkness.draw(rng) if darkness is None else darkness
    pixels = np.asarray(image)
    # A table of 256 values is the same as the formula, and much faster.
    linear = LINEAR_OF_BYTE[as_uint8(pixels)] if pixels.dtype == np.uint8 else to_linear(as_float(pixels))
    return through_camera(to_bytes(sense(linear, rng, darkness)), darkness.camera)


def sense(linear: np.ndarray, rng: np.random.Generator, darkness: Darkness) -> np.ndarray:
    """The light that a sensor counts: steps 2 and 3 above.

    Args:
        linear: (height, width, 3) linear light, 1 is white in the bright photo; may be more, not less than 0.
        rng: Makes the noise.
        darkness: Of this, exposure, cast, full well and read noise.

    Returns:
        (height, width, 3) linear light; read noise can make it negative.
    """
    electrons = linear / darkness.exposure * np.array(darkness.cast) * darkness.full_well
    counted = rng.poisson(electrons) + rng.normal(0, darkness.read_noise, linear.shape)
    return counted / darkness.full_well


def through_camera(image: np.ndarray, camera: str) -> np.ndarray:
    """What a camera format leaves of a picture.

    Args:
        image: (height, width, 3) uint8, sRGB; an even width for "yuv422".
        camera: One of `CAMERAS`.

    Raises:
        MirnetError: If there is no such format, or the picture does not fit it.
    """
    return CAMERAS[check_camera(camera)](image)


def check_camera(camera: str) -> str:
    """Returns the name of a camera format if it is one of `CAMERAS`."""
    if camera not in CAMERAS:
        raise MirnetError(f"unknown camera format {camera!r}; there are {', '.join(CAMERAS)}")
    return camera


def to_linear(srgb: np.ndarray) -> np.ndarray:
    """Values of sRGB, 0..1, to linear light 0..1 (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear light to sRGB values; what is brighter than white is clipped, as on a sensor."""
    light = np.clip(linear, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def to_bytes(linear: np.ndarray) -> np.ndarray:
    """Linear light, 0..1, to sRGB as uint8, 0..255."""
    return np.rint(to_srgb(linear) * 255).astype(np.uint8)


LINEAR_OF_BYTE = to_linear(np.arange(256) / 255)
