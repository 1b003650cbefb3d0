"""Checks of lesson 7: a crop of a pair, one step, the learning rate, the average of weights, four diagnoses."""

import math

import numpy as np

from lessons.checks.checking import Mistake, call, compare, given, passed, same_twice, wrong
from model.training.recipe import FINAL_SHARE, Recipe

__all__ = ["ORDER", "crop_pair", "diagnoses", "follow", "rate_at", "step"]

ORDER = ("slow", "one pair", "healthy", "fast")
"""Which of the shipped trainings the lesson shows as A, B, C and D."""

WORDS = {
    "slow": "too slow",
    "one pair": "over-fitting",
    "healthy": "healthy",
    "fast": "too fast",
}

SIGNS = {
    "slow": "both curves fall slowly, and are still high when the steps are over",
    "one pair": "the training curve comes to rest far below the other one",
    "healthy": "both curves come down early and stay close to each other",
    "fast": "both curves jump out of the chart: each step is too far",
}

SIDE, TALL, WIDE = 4, 6, 7
DRAWS = (
    300  # of 3 × 4 places, turned over or not: none of 24 is missed but once in ten thousand times
)
CROP = "“Exercise 1”: draw top, left and mirror once, then cut both photos with them."


def crop_pair(function) -> None:
    """Exercise 1: `crop_pair(low, high, size, rng)`; the pixels of the photos say where they are from."""
    rows, columns = np.indices((TALL, WIDE))
    low = np.stack([rows, columns, np.zeros_like(rows)], axis=-1).astype(np.uint8)
    high = low + np.array([0, 0, 200], np.uint8)
    rng = np.random.default_rng(1)
    found = [_places(call(function, low, high, SIDE, rng)) for _ in range(DRAWS)]
    for first, second in found:
        _alike(first, second)
    _everywhere([first for first, _ in found])
    same_twice(
        "crop_pair(low, high, 4, rng)",
        *(np.array(call(function, low, high, SIDE, np.random.default_rng(2))) for _ in range(2)),
    )
    passed(
        "crop_pair: every place, either way round, and each answer still belongs to its question."
    )


def _places(pair) -> list[tuple[int, int, bool, bool]]:
    """Of both crops the place that they are from, and whether they are mirrored or upside down."""
    what = f"crop_pair of photos of {TALL} × {WIDE} pixels, size {SIDE},"
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        wrong(f"{what} is no pair of crops.", look=CROP)
    places = []
    for crop, name, blue in zip(map(np.asarray, pair), ("dark", "bright"), (0, 200), strict=True):
        if crop.shape != (SIDE, SIDE, 3):
            mistake = ""
            if crop.ndim == 3 and crop.shape[2] == 3 and min(crop.shape[:2]) < SIDE:
                mistake = (
                    "a crop begins so far down or right that it hangs over the edge: the last place is "
                    "side − size, and photos have the shape (height, width, 3)."
                )
            wrong(
                f"{what} has a {name} crop of the shape {crop.shape}, not (4, 4, 3).", mistake, CROP
            )
        down, right = (
            int(crop[1, 0, 0]) - int(crop[0, 0, 0]),
            int(crop[0, 1, 1]) - int(crop[0, 0, 1]),
        )
        if (crop[..., 2] != blue).any():
            wrong(
                f"{what} has a {name} crop from the other photo.",
                "both crops are of one photo, or they are in each other's place: the dark one comes first.",
                CROP,
            )
        if abs(down) != 1 or abs(right) != 1:
            wrong(
                f"{what} has a {name} crop whose pixels do not lie side by side in the photo.",
                "rows and columns are exchanged, or pixels are left out or drawn one by one.",
                CROP,
            )
        places.append((int(crop[..., 0].min()), int(crop[..., 1].min()), right < 0, down < 0))
    return places


def _alike(low: tuple[int, int, bool, bool], high: tuple[int, int, bool, bool]) -> None:
    if low[:2] != high[:2]:
        wrong(
            f"the dark crop begins at row and column {low[:2]}, the bright one at {high[:2]}.",
            "the place was drawn twice, once for each photo: then the answer does not belong to the question.",
            CROP,
        )
    if low[2] != high[2]:
        wrong(
            "one crop is mirrored and the other is not.",
            "only one photo is mirrored, or chance decided for each of them: draw once, mirror both or none.",
            CROP,
        )
    if low[3] or high[3]:
        wrong(
            "a crop is upside down.",
            "the rows were turned around, `[::-1]`; left to right are the columns, `[:, ::-1]`.",
            CROP,
        )


def _everywhere(places: list[tuple[int, int, bool, bool]]) -> None:
    what = f"in {DRAWS} crops of 4 × 4 from 6 × 7 pixels,"
    seen = {(top, left) for top, left, _, _ in places}
    tops, lefts = {top for top, _ in seen}, {left for _, left in seen}
    if len(seen) == 1:
        wrong(
            f"{what} all are from the same place, {seen.pop()}.",
            "nothing is drawn, or the generator begins anew in each call: use `rng` as it is.",
            CROP,
        )
    if len(seen) <= 3 and {top == left for top, left in seen} == {True}:
        wrong(
            f"{what} top and left are always equal.",
            "one number is drawn for both: then only the diagonal of the photo is ever seen.",
            CROP,
        )
    if max(tops) < TALL - SIDE or max(lefts) < WIDE - SIDE:
        wrong(
            f"{what} none reaches the last row or column.",
            "`rng.integers(n)` draws up to n − 1, so one place is missing: n is side − size + 1.",
            CROP,
        )
    mirrored = sum(turned for _, _, turned, _ in places) / len(places)
    if mirrored in (0, 1):
        never = "no crop is ever mirrored" if mirrored == 0 else "every crop is mirrored"
        wrong(f"{what} {never}; half of them should be.", f"{never}: chance decides.", CROP)
    if not 0.35 < mirrored < 0.65:
        wrong(f"{what} {mirrored:.0%} are mirrored; half of them should be.", look=CROP)
    if len(seen) < (TALL - SIDE + 1) * (WIDE - SIDE + 1):
        wrong(f"{what} only {len(seen)} of 12 places come up.", look=CROP)


def step(function) -> None:
    """Exercise 2: `step(weights, low, high, rate)`, one step down the slope of Charbonnier's loss."""
    look = "“One step”: d, then d / √(d² + ε²); its mean is the slope of b, its mean times I that of a."
    rng = np.random.default_rng(2)
    low = rng.uniform(0.1, 0.7, (5, 6, 3))
    a, b, rate, eps = 1.3, 0.1, 0.25, 1e-3
    high = a * low + b - rng.normal(0.0005, 0.001, low.shape)  # so close that ε counts
    slope_of_a, slope_of_b = _slopes(a, b, low, high)
    d = a * low + b - high
    size = np.sqrt(d**2 + eps**2)
    late = np.mean(_slope((a - rate * slope_of_a) * low + b - high))
    mistakes = [
        Mistake(
            "it went up the slope: the rate times the slope is *taken away*.",
            (a + rate * slope_of_a, b + rate * slope_of_b),
        ),
        Mistake(
            "the slopes were added up, not averaged: then a step is longer in a larger picture.",
            (a - rate * np.sum(d / size * low), b - rate * np.sum(d / size)),
        ),
        Mistake(
            "a was changed before the slope of b was found: both slopes belong to the old weights.",
            (a - rate * slope_of_a, b - rate * late),
        ),
        Mistake(
            "the slope of a lacks the factor I: where the photo is black, a changes nothing.",
            (a - rate * slope_of_b, b - rate * slope_of_b),
        ),
        Mistake("b was not changed.", (a - rate * slope_of_a, b)),
        Mistake("a was not changed.", (a, b - rate * slope_of_b)),
        Mistake("the learning rate is missing.", (a - slope_of_a, b - slope_of_b)),
        Mistake(
            "this is the slope of the squared error, 2 d; Charbonnier's has the root below it.",
            (a - rate * np.mean(2 * d * low), b - rate * np.mean(2 * d)),
        ),
        Mistake(
            "it is d without the root below it.",
            (a - rate * np.mean(d * low), b - rate * np.mean(d)),
        ),
        Mistake(
            "ε is missing: this is the slope of |d|, the sign of d.",
            (a - rate * np.mean(np.sign(d) * low), b - rate * np.mean(np.sign(d))),
        ),
        Mistake(
            "the loss was multiplied, not its slope: √(d² + ε²) belongs below d.",
            (a - rate * np.mean(size * low), b - rate * np.mean(size)),
        ),
        Mistake("these are the slopes; take them from the weights.", (slope_of_a, slope_of_b)),
    ]
    got = call(function, (a, b), low, high, rate)
    compare(
        "step((1.3, 0.1), low, high, 0.25)",
        got,
        (a - rate * slope_of_a, b - rate * slope_of_b),
        mistakes,
        look,
    )
    passed(
        "step: down the slope, as far as the rate says. A network does this with all its weights at once."
    )


def _slope(d: np.ndarray) -> np.ndarray:
    return d / np.sqrt(d**2 + 1e-6)


def _slopes(a: float, b: float, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    slope = _slope(a * low + b - high)
    return float(np.mean(slope * low)), float(np.mean(slope))


def rate_at(function) -> None:
    """Exercise 3: `rate_at(k, steps, warm_up, peak)`, as `model.training.recipe` has it."""
    look = "“A learning rate that changes”: a straight line for k < w, then half a cosine over t from 0 to 1."
    recipe = Recipe(steps=200, learning_rate=2e-3)
    warm, peak, numbers = recipe.warm_up, recipe.learning_rate, np.arange(recipe.steps)
    got = [call(function, int(k), recipe.steps, warm, peak) for k in numbers]
    right = np.array([recipe.rate_at(int(k)) for k in numbers])
    up, t = peak * (numbers + 1) / warm, (numbers - warm) / (recipe.steps - warm)
    last = peak * FINAL_SHARE

    def then(after: np.ndarray, before: np.ndarray = up) -> np.ndarray:
        return np.where(numbers < warm, before, after)

    def half(share: np.ndarray) -> np.ndarray:
        return last + (peak - last) * (1 + np.cos(math.pi * share)) / 2

    whole = numbers / recipe.steps
    mistakes = [
        Mistake("there is no warm-up: the first steps are small.", half(t)),
        Mistake("there is no warm-up: the first steps are small.", half(whole)),
        Mistake(
            "the warm-up begins at 0: the first step, k = 0, would do nothing. It is (k + 1) / w.",
            then(half(t), peak * numbers / warm),
        ),
        Mistake(
            "the cosine begins at step 0, not where the warm-up ends: there is a jump. t = (k − w) / (n − w).",
            then(half(whole)),
        ),
        Mistake(
            "the cosine is as long as the whole training, so it does not come to its end: divide by n − w.",
            then(half((numbers - warm) / recipe.steps)),
        ),
        Mistake(
            "it falls to 0; the last steps should still do something: it ends at a 200th of the peak.",
            then(peak * (1 + np.cos(math.pi * t)) / 2),
        ),
        Mistake(
            "it falls from peak + p/200: the part that falls is p − p/200.",
            then(last + peak * (1 + np.cos(math.pi * t)) / 2),
        ),
        Mistake(
            "this is a whole wave, 2π: the rate comes up again in the second half.",
            then(half(2 * t)),
        ),
        Mistake("the cosine has degrees; `np.cos` takes radians, π · t.", then(half(t / math.pi))),
        Mistake(
            "it falls in a straight line, not along a cosine.", then(last + (peak - last) * (1 - t))
        ),
        Mistake(
            "the 1 + before the cosine is missing: the rate becomes negative.",
            then(last + (peak - last) * np.cos(math.pi * t)),
        ),
        Mistake("it rises along the cosine: 1 + cos, not 1 − cos.", then(half(1 - t))),
        Mistake("the rate is always the peak.", np.full(len(numbers), peak)),
        Mistake("after the warm-up the rate stays at its peak.", then(np.full(len(numbers), peak))),
    ]
    compare(f"rate_at(k, 200, {warm}, 0.002) for all k", got, right, mistakes, look)
    passed(
        "rate_at: carefully at first, then far, and at the end so little that the weights come to rest."
    )


def follow(function) -> None:
    """Exercise 4: `follow(average, weights, kept)` for a list of arrays."""
    look = "“An average of weights”: kept · average + (1 − kept) · weights, for each array of the list."
    rng = np.random.default_rng(4)
    shapes, kept = ((3, 3, 2, 4), (4,), ()), 0.9
    average, weights = ([rng.normal(size=shape) for shape in shapes] for _ in range(2))
    before = [np.array(each) for each in average]
    got = call(function, average, weights, kept)
    if not isinstance(got, list | tuple) or len(got) != len(shapes):
        wrong(
            f"follow gives {type(got).__name__}, not a list of {len(shapes)} arrays.",
            "the arrays were not taken one by one: a network's weights are a list.",
            look,
        )
    for k, (old, new) in enumerate(zip(before, weights, strict=True)):
        mistakes = [
            Mistake(
                "kept is the share of the new weights; it should be that of the old average.",
                (1 - kept) * old + kept * new,
            ),
            Mistake("1 − kept is missing: the average grows with every step.", kept * old + new),
            Mistake("kept is missing: nothing is ever forgotten.", old + (1 - kept) * new),
            Mistake("this is the plain mean of both, whatever `kept` is.", (old + new) / 2),
            Mistake("these are the weights themselves, not averaged.", new),
            Mistake("the average does not move.", old),
        ]
        compare(
            f"array {k} of follow(average, weights, 0.9)",
            got[k],
            kept * old + (1 - kept) * new,
            mistakes,
            look,
        )
    if any(not np.array_equal(old, now) for old, now in zip(before, average, strict=True)):
        wrong(
            "follow changes the arrays of the old average.",
            "it works in place (`*=`, `+=`, `[...] =`); make new arrays.",
            look,
        )
    passed("follow: it forgets slowly, and what trembles cancels out.")


def diagnoses(answer) -> None:
    """Exercise 5: which of the four trainings is which."""
    look = "“Read the curves”: where does the training curve come to rest, and how far away is the other one?"
    if not isinstance(answer, dict) or set(answer) != set("ABCD"):
        wrong('diagnoses is no dictionary with "A", "B", "C" and "D".', look=look)
    for letter in "ABCD":
        said = given(f'diagnoses["{letter}"]', answer[letter])
        if said not in WORDS.values():
            wrong(f"{said!r} is none of the four words.", look=look)
    for letter, name in zip("ABCD", ORDER, strict=True):
        if (said := answer[letter]) != WORDS[name]:
            taken_for = next(key for key, word in WORDS.items() if word == said)
            wrong(
                f"{letter} is not “{said}”.",
                f"{letter} was taken for one where {SIGNS[taken_for]}. But in {letter}, {SIGNS[name]}.",
                look,
            )
    passed("diagnoses: one curve says how well the training goes, two say what it is worth.")
