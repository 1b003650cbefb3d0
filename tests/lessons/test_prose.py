"""Numbers and claims in the text of lessons: computed once more, and looked for in the words."""

import numpy as np
import pytest
from PIL import Image

from lessons.making.script import FOLDER
from model.images.darken import to_srgb


def text_of(name: str) -> str:
    """The whole script of a lesson, in one line."""
    path = next(FOLDER.glob(f"*_{name}.py"))
    return " ".join(line.removeprefix("# ") for line in path.read_text(encoding="utf-8").splitlines())


TRAP = 20 * np.log10(255)
CLAIMS = {
    ("dark", "still has {:.0f} levels"): 255 * to_srgb(np.array(1 / 24)),
    ("dark", "Without the curve it would have {:.0f}."): 255 / 24,
    ("dark", "some {:.0f} times: levels are"): 4**2.2,
    ("pipeline", "20 \\log_{{10}} 255 = {:.2f}\\ \\mathrm{{dB}}"): TRAP,
    ("pipeline", "Half the RMS error is {:.2f} dB more"): 20 * np.log10(2),
    ("pipeline", "67.9 − 48.13 = {:.1f} dB"): 67.9 - TRAP,
    ("pipeline", "10^(−19.8 / 20) = {:.0f} levels"): 255 * 10 ** (-(67.9 - TRAP) / 20),
    ("skff", "3 · 8 · 64 to expand: {:,.0f}."): 64 * 8 + 1 + 3 * 8 * 64,
    ("skff", "Concatenation: 192 · 64 = {:,.0f}"): 192 * 64,
}


@pytest.mark.parametrize(("place", "value"), CLAIMS.items(), ids=[words for _, words in CLAIMS])
def test_numbers_that_follow_from_a_formula(place, value):
    lesson, words = place
    assert words.format(float(value)) in text_of(lesson)


def test_shares_of_contrast_in_words():
    def left(period: float) -> float:
        return (1 + np.cos(2 * np.pi / period)) / 2

    assert "half the contrast at the Nyquist limit, and a tenth at 2.5 pixels" in text_of("streams")
    assert left(4) == pytest.approx(0.5)
    assert left(2.5) == pytest.approx(0.1, abs=0.01)
    assert "at 5 pixels, two thirds" in text_of("streams")
    assert left(5) == pytest.approx(2 / 3, abs=0.02)


def test_the_smallest_error_of_a_tenth_of_a_level():
    assert "an RMS error of a tenth of a level" in text_of("pipeline")
    assert 255 * 10 ** (-67.9 / 20) == pytest.approx(0.1, abs=0.01)


def through(picture: np.ndarray, factor: int) -> np.ndarray:
    height, width = picture.shape[:2]
    small = Image.fromarray(picture).resize((width // factor, height // factor), Image.Resampling.BICUBIC)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.slow
def test_lesson_2_a_bottleneck_has_more_decibels_and_less_structure_than_the_network():
    from model import enhance, psnr, ssim
    from model.samples import load_sample
    from model.zoo import load_network

    dark, good = load_sample("palace")
    restored, narrow = enhance(load_network("desk")[0], dark), through(good, 8)
    assert psnr(narrow, good, data_range=255) > psnr(restored, good, data_range=255)
    assert ssim(narrow, good, data_range=255) < 0.5 < ssim(restored, good, data_range=255)
    assert psnr(through(good, 2), good, data_range=255) < 26  # the figure's caption


@pytest.mark.slow
def test_lesson_4_the_mix_is_everything_and_choosing_by_the_photo_nothing():
    from explain import run_with_cache, run_with_hooks
    from model import psnr
    from model.images.arrays import as_uint8
    from model.samples import SAMPLES, load_sample
    from model.zoo import load_network

    network, _ = load_network("desk")
    places = [name for name in network.hook_names if name.endswith("/weights")]
    photos = {sample.name: load_sample(sample.name) for sample in SAMPLES}
    chosen = {name: run_with_cache(network, taken, names=places)[1] for name, (taken, _) in photos.items()}

    def scored(name: str, weights) -> float:
        hooks = {place: lambda _, fixed=fixed: fixed for place, fixed in weights.items()}
        taken, good = photos[name]
        return psnr(as_uint8(run_with_hooks(network, taken, hooks)[0]), good, data_range=255)

    def others(name: str) -> dict:
        rest = [cache for other, cache in chosen.items() if other != name]
        return {place: np.mean([cache[place] for cache in rest], axis=0) for place in places}

    own = {name: scored(name, {}) for name in photos}
    mixed = {name: scored(name, others(name)) for name in photos}
    thirds = scored("palace", {place: np.full_like(fixed, 1 / 3) for place, fixed in others("palace").items()})
    assert mixed["palace"] > own["palace"] + 1  # better when it must not choose
    assert np.mean(list(mixed.values())) > np.mean(list(own.values())) - 0.1
    assert thirds < own["palace"] - 5


@pytest.mark.slow
def test_lesson_8_naive_ranges_lose_decibels_and_those_of_the_training_win_them_back():
    from embedded.camera.ov7675 import Camera
    from embedded.emulator import Emulator
    from embedded.models.shipped_models import model_file
    from explain import run_with_cache
    from model import enhance, psnr
    from model.hooks import visiting
    from model.images.arrays import as_uint8
    from model.images.camera_formats import to_frame
    from model.samples import SAMPLES, load_sample
    from model.training.fake_quant import PIXELS, QuantizeToRanges
    from model.zoo import load_network

    network, emulator, camera = load_network("nano")[0], Emulator(model_file("nano")), Camera()
    photos = [load_sample(sample.name) for sample in SAMPLES]
    pairs = [(camera.picture(camera.capture(taken)), to_frame(good)) for taken, good in photos]
    caches = [run_with_cache(network, frame)[1] for frame, _ in pairs]

    def naive(number: int) -> np.ndarray:
        others = [cache for k, cache in enumerate(caches) if k != number]
        ranges = {}
        for name in set(others[0]) - set(PIXELS):
            low = min(0.0, *(float(cache[name].min()) for cache in others))
            scale = (max(0.0, *(float(cache[name].max()) for cache in others)) - low) / 255
            if scale:  # some are always 0
                ranges[name] = scale, round(-128 - low / scale)
        with visiting(QuantizeToRanges(ranges)):
            return as_uint8(np.asarray(network(pairs[number][0][None].astype("float32") / 255))[0])

    def scores(restored) -> np.ndarray:
        return np.array([psnr(restored(k), good, data_range=255) for k, (_, good) in enumerate(pairs)])

    exact = scores(lambda k: enhance(network, pairs[k][0]))
    lost, kept = scores(naive) - exact, scores(lambda k: emulator.restore(pairs[k][0])) - exact
    assert "loses more than half a decibel on average, about two on its worst photo" in text_of("int8")
    assert lost.mean() < -0.5
    assert -2.5 < lost.min() < -1.5
    assert "hardly any decibels go" in text_of("int8")
    assert abs(kept.mean()) < 0.1
