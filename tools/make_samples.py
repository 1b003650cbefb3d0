"""Makes the sample photos in model/samples: a bright reference and a dark photo of each scene, and their credits.

    python tools/make_samples.py PHOTOS PANORAMAS

PHOTOS is a folder of public-domain photos with a `manifest.csv` (columns file, author, licence, source_url), PANORAMAS
one of HDR panoramas (OpenEXR; needs `pip install OpenEXR`). Nobody who uses the project has to run this: the pictures
are in the repository. It is here to show exactly how they were made.

The dark photos are simulated, in the order in which a camera meets the light: see `model/images/darken.py`.
"""

import argparse
import csv
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.images.darken import Darkness, sense, to_bytes, to_linear, to_srgb

LONG, SHORT = 360, 240  # multiples of 8: no network here has to pad them
# A small sensor: electrons at white, and the noise of reading one pixel, in electrons.
FULL_WELL = 10_000
READ_NOISE = 4.0


@dataclass(frozen=True)
class SampleRecipe:
    """How to make one sample.

    Attributes:
        name: What the sample is called in code, and its files.
        file: The source, in PHOTOS or (.exr) PANORAMAS.
        title: A short name for people.
        caption: What to look at in it.
        frame: For a photo, the box to cut out (left, top, right, bottom) in pixels, of 3:2 or 2:3. For a panorama the
            view (yaw, pitch, horizontal field of view) in degrees.
        exposure: How much of the light is left, as 1 over this.
        cast: Factors on red, green and blue light: what the lamp does.
    """

    name: str
    file: str
    title: str
    caption: str
    frame: tuple[float, ...]
    exposure: int
    cast: tuple[float, float, float]


# What the files do not say about themselves (the manifest has no page for these).
KNOWN = {
    "astronaut.png": {"source_url": "https://flic.kr/p/r9qvLn", "licence": "Public domain"},
    "coffee.png": {
        "source_url": "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.coffee",
        "licence": "CC0-1.0",
    },
    "interior.exr": {"author": "Greg Zaal", "source_url": "https://polyhaven.com/a/hotel_room", "licence": "CC0-1.0"},
}

RECIPES = (
    SampleRecipe(
        name="room",
        file="interior.exr",
        title="Hotel room",
        caption="A room in shadow, a bright window: the dark photo still holds the curtain, the reference lost it.",
        frame=(-34.0, -14.0, 95.0),
        exposure=32,
        cast=(1.06, 1.0, 0.88),
    ),
    SampleRecipe(
        name="coffee",
        file="coffee.png",
        title="Coffee cup",
        caption="Smooth china beside rough wood: noise shows on the cup, and must not be taken for the grain.",
        frame=(0, 0, 600, 400),
        exposure=24,
        cast=(1.08, 1.0, 0.85),
    ),
    SampleRecipe(
        name="astronaut",
        file="astronaut.png",
        title="Astronaut Eileen Collins",
        caption="A face, orange cloth and white: do skin and colours come back without a tint?",
        frame=(62, 0, 403, 512),
        exposure=32,
        cast=(0.95, 1.0, 1.06),
    ),
    SampleRecipe(
        name="kingfisher",
        file="erase_kingfisher.webp",
        title="Kingfisher",
        caption="Blue and orange against a plain background: strong colours on one side, bare noise on the other.",
        frame=(330, 40, 1830, 1040),
        exposure=48,
        cast=(0.97, 1.0, 1.04),
    ),
    SampleRecipe(
        name="hedgehog",
        file="explore_world_animals_hedgehog.webp",
        title="Hedgehog",
        caption="Thousands of spines and blades of grass: detail as fine as the noise.",
        frame=(0, 24, 1024, 707),
        exposure=24,
        cast=(1.0, 1.0, 0.94),
    ),
    SampleRecipe(
        name="palace",
        file="explore_monuments_india_hawaMahal.webp",
        title="Hawa Mahal, Jaipur",
        caption="Hundreds of small windows in rows: watch what the half and quarter resolution streams keep of them.",
        frame=(0, 20, 1024, 703),
        exposure=32,
        cast=(1.04, 1.0, 0.92),
    ),
)


def darken(linear: np.ndarray, exposure: int, cast: tuple[float, float, float], seed: int) -> np.ndarray:
    """What a small sensor makes of a scene under little light.

    Args:
        linear: (height, width, 3) linear light, 1 is white in the bright photo; may be more.
        exposure: One over how much of the light is left.
        cast: Factors on red, green and blue.
        seed: For the noise.

    Returns:
        (height, width, 3) uint8, sRGB.
    """
    darkness = Darkness(exposure, cast, FULL_WELL, READ_NOISE)
    return to_bytes(sense(linear, np.random.default_rng(seed), darkness))


def photo(path: Path, frame: tuple[float, ...]) -> np.ndarray:
    """A part of a photo in linear light, LONG x SHORT or SHORT x LONG.

    It is made smaller in linear light, where averaging means adding photons.
    """
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB").crop(tuple(int(side) for side in frame)), dtype=np.float32)
    linear = to_linear(pixels / 255).astype(np.float32)
    upright = linear.shape[0] > linear.shape[1]
    size = (SHORT, LONG) if upright else (LONG, SHORT)
    planes = [Image.fromarray(linear[..., channel]).resize(size, Image.Resampling.LANCZOS) for channel in range(3)]
    return np.clip(np.stack([np.asarray(plane) for plane in planes], axis=-1), 0, 1)


def view(path: Path, frame: tuple[float, ...]) -> np.ndarray:
    """A camera's view of a panorama in linear light, LONG x SHORT, exposed as a bright photo."""
    import OpenEXR  # only here: nothing else in the project reads this format

    with OpenEXR.File(str(path)) as file:
        panorama = np.clip(np.asarray(file.channels()["RGB"].pixels, dtype=np.float32), 0, None)
    return expose(look(panorama, frame), mean=0.45)


def look(panorama: np.ndarray, frame: tuple[float, ...]) -> np.ndarray:
    """What a camera standing in a panorama sees; yaw turns it to the right, pitch up, from the panorama's middle."""
    yaw, pitch, field = np.deg2rad(frame)
    y, x = np.mgrid[0:SHORT, 0:LONG] + 0.5
    forward = LONG / 2 / np.tan(field / 2)
    right, up = x - LONG / 2, SHORT / 2 - y
    # Tilt the rays up by the pitch, then turn them by the yaw.
    ahead = forward * np.cos(pitch) - up * np.sin(pitch)
    up = forward * np.sin(pitch) + up * np.cos(pitch)
    longitude = yaw + np.arctan2(right, ahead)
    latitude = np.arctan2(up, np.hypot(right, ahead))
    height, width = panorama.shape[:2]
    return sample(panorama, (longitude / (2 * np.pi) + 0.5) * width, (0.5 - latitude / np.pi) * height)


def sample(panorama: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bilinear values of a panorama at pixel positions; x goes round and round."""
    x, y = x - 0.5, np.clip(y - 0.5, 0, panorama.shape[0] - 1.001)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    dx, dy = (x - left)[..., None], (y - top)[..., None]
    left, right = left % panorama.shape[1], (left + 1) % panorama.shape[1]
    above = panorama[top, left] * (1 - dx) + panorama[top, right] * dx
    below = panorama[top + 1, left] * (1 - dx) + panorama[top + 1, right] * dx
    return above * (1 - dy) + below * dy


def expose(linear: np.ndarray, mean: float) -> np.ndarray:
    """Scales light so that the sRGB picture has this mean: the exposure meter of the bright photo."""
    low, high = 1e-6, 1e6
    for _ in range(60):  # the mean grows with the gain, so halving finds it
        gain = np.sqrt(low * high)
        low, high = (gain, high) if to_srgb(linear * gain).mean() < mean else (low, gain)
    return linear * low


def credits_of(recipe: SampleRecipe, manifest: dict[str, dict[str, str]]) -> dict[str, str]:
    """The row of credits.csv for one sample."""
    source = manifest.get(recipe.file, {}) | KNOWN.get(recipe.file, {})
    darkened = f"darkened by us: exposure 1/{recipe.exposure}, shot and read noise"
    cast = ", ".join(f"{light} {factor:g}" for light, factor in zip(("red", "green", "blue"), recipe.cast, strict=True))
    return {
        "name": recipe.name,
        "dark": f"{recipe.name}_dark.webp",
        "reference": f"{recipe.name}.webp",
        "title": recipe.title,
        "caption": f"{recipe.caption} ({darkened.capitalize()}.)",
        "author": source["author"],
        "source": source["source_url"],
        "licence": source["licence"].replace("Domain", "domain"),
        "exposure": f"1/{recipe.exposure}",
        "changes": f"cut and made smaller; {darkened}, light times {cast}",
    }


def main() -> int:
    """Makes every sample; the same sources and library versions give the same files."""
    parser = argparse.ArgumentParser(description="Makes model/samples from public-domain photos.")
    parser.add_argument("photos", type=Path, help="folder of photos with a manifest.csv")
    parser.add_argument("panoramas", type=Path, help="folder of OpenEXR panoramas")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "model" / "samples")
    arguments = parser.parse_args()
    with open(arguments.photos / "manifest.csv", encoding="utf-8", newline="") as file:
        manifest = {row["file"]: row for row in csv.DictReader(file)}
    rows = []
    for recipe in RECIPES:
        panorama = recipe.file.endswith(".exr")
        load, folder = (view, arguments.panoramas) if panorama else (photo, arguments.photos)
        linear = load(folder / recipe.file, recipe.frame)
        row = credits_of(recipe, manifest)
        dark = darken(linear, recipe.exposure, recipe.cast, seed=zlib.crc32(recipe.name.encode()))
        Image.fromarray(dark).save(arguments.out / row["dark"], lossless=True, quality=100, method=6)
        Image.fromarray(to_bytes(linear)).save(arguments.out / row["reference"], quality=92, method=6)
        rows.append(row)
        print(f"{recipe.name}: mean {dark.mean():.1f} of 255, reference {to_bytes(linear).mean():.1f}")
    with open(arguments.out / "credits.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
