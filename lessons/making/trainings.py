"""The trainings of lesson 7 that take longer than a lesson may: `python -m lessons.making.trainings` makes them anew.

Four trainings of one tiny MIRNet, each with another fault or with none, logged as curves:

| name | what it has | what comes of it |
| --- | --- | --- |
| healthy | four photos, darkened anew for every crop | both curves fall |
| one pair | four crops of one pair, the same in every step | only the training curve falls |
| slow | a learning rate that is a hundred times smaller | both fall slowly, and are high at the end |
| fast | a learning rate that is fifty times larger | both leave the chart, until the rate has fallen |

They take about two minutes on one core, and end up in `lessons/data/trainings.json` and two pictures beside it.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from explain.cli.progress import Show
from model.config import MIRNetConfig
from model.errors import MirnetError
from model.images.darken import Darkness, darken
from model.safety.whole_files import replacing, write_whole
from model.samples import load_sample
from model.training.recipe import Recipe

__all__ = [
    "HELD_OUT",
    "LEARNED_FROM",
    "SMALL",
    "Training",
    "picture_of",
    "shipped_trainings",
    "shown_pair",
]

FOLDER = Path(__file__).resolve().parent.parent / "data"
FILE = FOLDER / "trainings.json"

SMALL = MIRNetConfig(channels=8, groups=1, blocks=1, streams=2, columns=1, stem=2, companding=20.0)
"""A MIRNet that learns something in a minute: one block of two streams, and a quarter of the positions."""

LEARNED_FROM = ("room", "coffee", "astronaut", "kingfisher")
HELD_OUT = ("hedgehog", "palace")
ONE_PAIR = "coffee"
DARK_EVENING = 100

RECIPE = Recipe(steps=1200, batch=4, crop=48, learning_rate=2e-3)
MEASURED_EVERY = 40  # steps
VALIDATION_CROPS = 24
PEAKS = {
    "healthy": RECIPE.learning_rate,
    "one pair": RECIPE.learning_rate,
    "slow": RECIPE.learning_rate / 100,
    "fast": RECIPE.learning_rate * 50,
}
DIGITS = 4

Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Training:
    """The curves of one training; all lists are of one length.

    Attributes:
        name: As in the table above.
        steps: After how many steps it was measured.
        rate: The learning rate of that step.
        training: Charbonnier loss of the crops, the mean since the last time.
        validation: Of the photos that it never saw, by the averaged weights.
        validation_raw: The same by the weights as they are.
    """

    name: str
    steps: list[int]
    rate: list[float]
    training: list[float]
    validation: list[float]
    validation_raw: list[float]


def shipped_trainings() -> Mapping[str, Training]:
    """The trainings that come with the package, by name.

    Raises:
        MirnetError: If the file is missing or damaged.
    """
    try:
        return {each["name"]: Training(**each) for each in json.loads(FILE.read_text("utf-8"))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MirnetError(f"{FILE} cannot be read ({error}): install the package again") from error


def picture_of(name: str) -> np.ndarray:
    """The dark photo of `shown_pair` as the averaged weights of a training restore it: uint8."""
    return np.asarray(Image.open(_picture_file(name)).convert("RGB"))


def _picture_file(name: str) -> Path:
    return FOLDER / f"trained-{name.replace(' ', '-')}.webp"


def halved(photo: np.ndarray) -> np.ndarray:
    """Half as high and wide; a number of levels between two pixels is lost, and so is half of the noise."""
    size = (photo.shape[1] // 2, photo.shape[0] // 2)
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BOX))


def shown_pair() -> tuple[np.ndarray, np.ndarray]:
    """A photo that no training has seen, half its size, on an evening darker than most: dark and bright, uint8."""
    bright = halved(load_sample(HELD_OUT[-1])[1])
    return darken(bright, np.random.default_rng(3), Darkness(exposure=DARK_EVENING)), bright


def _crops(photos: Sequence[str], count: int, rng: np.random.Generator) -> Batch:
    """Crops of good photos at two sizes, turned over by chance, and darkened as chance has it."""
    low, high = [], []
    for _ in range(count):
        bright = _good(photos[rng.integers(len(photos))], small=rng.random() < 0.5)
        crop = _cut(bright, *_corner(bright, rng))
        crop = np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)
        high.append(crop)
        low.append(darken(crop, rng, Darkness.draw(rng)))
    return _as_batch(low, high)


@cache
def _good(name: str, small: bool) -> np.ndarray:
    bright = load_sample(name)[1]
    return halved(bright) if small else bright


def _of_one_pair(rng: np.random.Generator) -> Batch:
    """Crops of one dark photo and its bright one."""
    pair = load_sample(ONE_PAIR)
    corners = [_corner(pair[0], rng) for _ in range(RECIPE.batch)]
    low, high = ([_cut(photo, *corner) for corner in corners] for photo in pair)
    return _as_batch(low, high)


def _corner(photo: np.ndarray, rng: np.random.Generator) -> tuple[int, int]:
    top, left = (int(rng.integers(side - RECIPE.crop + 1)) for side in photo.shape[:2])
    return top, left


def _cut(photo: np.ndarray, top: int, left: int) -> np.ndarray:
    return photo[top : top + RECIPE.crop, left : left + RECIPE.crop]


def _as_batch(low: list[np.ndarray], high: list[np.ndarray]) -> Batch:
    return tuple((np.stack(side) / 255).astype("float32") for side in (low, high))


def _batches(name: str) -> Callable[[], Batch]:
    rng = np.random.default_rng(7)
    if name != "one pair":
        return lambda: _crops(LEARNED_FROM, RECIPE.batch, rng)
    once = _of_one_pair(rng)
    return lambda: once


def _trained(name: str, show: Show) -> tuple[Training, np.ndarray]:
    """Runs one training; also returns the restored picture, uint8."""
    from model import enhance
    from model.mirnet import MIRNet
    from model.training.losses import CharbonnierLoss
    from model.training.step import training_step
    from model.zoo import seed_weights

    recipe = Recipe(**RECIPE.to_dict() | {"learning_rate": PEAKS[name], "scales": (1, 2)})
    net, averaged = MIRNet(SMALL), MIRNet(SMALL)
    dark, bright = _crops(HELD_OUT, VALIDATION_CROPS, np.random.default_rng(8))
    seed_weights(net)
    update, loss = training_step(net), CharbonnierLoss()

    def on_held_out(network) -> float:
        return float(loss(bright, network(dark)))

    batch, log = _batches(name), Training(name, [], [], [], [], [])
    losses: list = []
    for step in range(recipe.steps):
        losses.append(update(*batch(), recipe.rate_at(step), recipe.ema_decay_at(step)))
        if (step + 1) % MEASURED_EVERY == 0:
            averaged.set_weights(update.averaged_weights())
            log.steps.append(step + 1)
            log.rate.append(_rounded(recipe.rate_at(step)))
            log.training.append(_rounded(float(np.mean([float(each) for each in losses]))))
            log.validation.append(_rounded(on_held_out(averaged)))
            log.validation_raw.append(_rounded(on_held_out(net)))
            losses = []
            show(name, step + 1, recipe.steps)
    return log, enhance(averaged, shown_pair()[0])


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def main() -> int:
    """Makes the files; returns the exit code."""
    from explain.cli.console import notes_console
    from explain.cli.progress import bars_on

    FOLDER.mkdir(exist_ok=True)
    logs = []
    with bars_on(notes_console()) as show:
        for name in PEAKS:
            log, restored = _trained(name, show)
            logs.append(asdict(log))
            if name in ("healthy", "one pair"):
                with replacing(_picture_file(name)) as unfinished:
                    Image.fromarray(restored).save(unfinished, quality=90, method=6)
    write_whole(FILE, json.dumps(logs) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
