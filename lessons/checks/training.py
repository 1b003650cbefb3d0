"""Checks of lesson 7: a crop of a pair, one gradient step, the learning rate, the EMA of weights, four diagnoses."""

import math
from typing import Any

import numpy as np

from lessons.checks.kit import Either, Steps, call, compare, exercise, given, same_twice, several, wrong
from model.training.recipe import FINAL_SHARE, Recipe

__all__ = ["ORDER", "crop_pair", "diagnoses", "follow", "rate_at", "step"]

ORDER = ("slow", "one pair", "healthy", "fast")
"""Which of the shipped trainings the lesson shows as A, B, C and D."""

DIAGNOSES = {"slow": "too slow", "one pair": "over-fitting", "healthy": "healthy", "fast": "too fast"}

SIGNS = {
    "slow": "both curves fall slowly, and are still high at the last step",
    "one pair": "the training curve ends far below the validation curve",
    "healthy": "both curves fall early and stay close to each other",
    "fast": "both curves leave the chart: each step is too large",
}

SIDE, TALL, WIDE = 4, 6, 7
DRAWS = 300  # of 3 × 4 positions, mirrored or not: the risk to miss one of 24 is 1 in 10,000
CROP = "“Exercise 1”: draw top, left and mirror once, then cut both photos with them."


@exercise
def crop_pair(function) -> str:
    """Exercise 1: `crop_pair(low, high, size, rng)`; the pixels of the photos encode their own row and column."""
    rows, columns = np.indices((TALL, WIDE))
    low = np.stack([rows, columns, np.zeros_like(rows)], axis=-1).astype(np.uint8)
    high = low + np.array([0, 0, 200], np.uint8)
    rng = np.random.default_rng(1)
    found = [_positions(call(function, low, high, SIDE, rng)) for _ in range(DRAWS)]
    for first, second in found:
        _same_crop(first, second)
    _all_positions([first for first, _ in found])
    twice = (np.array(call(function, low, high, SIDE, np.random.default_rng(2))) for _ in range(2))
    same_twice("crop_pair(low, high, 4, rng)", *twice)
    return "crop_pair: every position, mirrored or not, and each target still belongs to its input."


def _positions(pair) -> list[tuple[int, int, bool, bool]]:
    """Of both crops (top, left, mirrored, upside down)."""
    what = f"crop_pair of photos of {TALL} × {WIDE} pixels, size {SIDE},"
    pair = several(what, pair, "a pair of crops", look=CROP)
    positions = []
    for crop, name, blue in zip(map(np.asarray, pair), ("dark", "bright"), (0, 200), strict=True):
        if crop.shape != (SIDE, SIDE, 3):
            cut = crop.ndim == 3 and crop.shape[2] == 3 and min(crop.shape[:2]) < SIDE
            mistake = "a crop crosses the edge: the last position is side − size, in photos (height, width, 3)."
            wrong(f"{what} has a {name} crop of the shape {crop.shape}, not (4, 4, 3).", mistake if cut else "", CROP)
        down, right = np.subtract(crop[1, 0, 0], crop[0, 0, 0], dtype=int), int(crop[0, 1, 1]) - int(crop[0, 0, 1])
        if (crop[..., 2] != blue).any():
            mistake = "both crops are of one photo, or they are swapped: the dark one comes first."
            wrong(f"{what} has a {name} crop from the other photo.", mistake, CROP)
        if abs(down) != 1 or abs(right) != 1:
            mistake = "rows and columns are exchanged, or pixels are left out or drawn one by one."
            wrong(f"{what} has a {name} crop whose pixels are no neighbours in the photo.", mistake, CROP)
        positions.append((int(crop[..., 0].min()), int(crop[..., 1].min()), right < 0, down < 0))
    return positions


def _same_crop(low: tuple[int, int, bool, bool], high: tuple[int, int, bool, bool]) -> None:
    if low[:2] != high[:2]:
        what = f"the dark crop begins at row and column {low[:2]}, the bright one at {high[:2]}."
        wrong(what, "the position was drawn twice, once for each photo: then input and target do not match.", CROP)
    if low[2] != high[2]:
        mistake = "only one photo is mirrored, or each is mirrored at random: draw once, mirror both or none."
        wrong("one crop is mirrored and the other is not.", mistake, CROP)
    if low[3] or high[3]:
        mistake = "the rows were reversed, `[::-1]`; mirror the columns, `[:, ::-1]`."
        wrong("a crop is upside down.", mistake, CROP)


def _all_positions(crops: list[tuple[int, int, bool, bool]]) -> None:
    what = f"in {DRAWS} crops of 4 × 4 from 6 × 7 pixels,"
    seen = {(top, left) for top, left, _, _ in crops}
    tops, lefts = {top for top, _ in seen}, {left for _, left in seen}
    if len(seen) == 1:
        mistake = "nothing is drawn, or the generator starts again in each call: use `rng` as it is."
        wrong(f"{what} all are from the same position, {seen.pop()}.", mistake, CROP)
    if len(seen) <= 3 and {top == left for top, left in seen} == {True}:
        mistake = "one number is drawn for both: then only the diagonal of the photo is ever used."
        wrong(f"{what} top and left are always equal.", mistake, CROP)
    if max(tops) < TALL - SIDE or max(lefts) < WIDE - SIDE:
        mistake = "`rng.integers(n)` draws up to n − 1, so one position is missing: n is side − size + 1."
        wrong(f"{what} none reaches the last row or column.", mistake, CROP)
    mirrored = sum(turned for _, _, turned, _ in crops) / len(crops)
    if mirrored in (0, 1):
        never = "no crop is ever mirrored" if mirrored == 0 else "every crop is mirrored"
        wrong(f"{what} {never}; half of them should be.", f"{never}: decide at random.", CROP)
    if not 0.35 < mirrored < 0.65:
        wrong(f"{what} {mirrored:.0%} are mirrored; half of them should be.", look=CROP)
    if len(seen) < (TALL - SIDE + 1) * (WIDE - SIDE + 1):
        wrong(f"{what} only {len(seen)} of 12 positions occur.", look=CROP)


@exercise
def step(function) -> str:
    """Exercise 2: `step(weights, low, high, rate)`, one step of gradient descent on the Charbonnier loss."""
    look = "“One gradient step”: d, then d / √(d² + ε²); its mean is the gradient of b, its mean times I that of a."
    rng = np.random.default_rng(2)
    low = rng.uniform(0.1, 0.7, (5, 6, 3))
    a, b, rate, eps = 1.3, 0.1, 0.25, 1e-3
    high = a * low + b - rng.normal(0.0005, 0.001, low.shape)  # so close that ε counts
    d = a * low + b - high
    root = np.sqrt(d**2 + eps**2)

    def gradients(factor):
        return float(np.mean(factor * low)), float(np.mean(factor))

    def stepped(of_a, of_b):
        return a - rate * of_a, b - rate * of_b

    of_a, of_b = gradients(d / root)
    changed = (a - rate * of_a) * low + b - high
    late = np.mean(changed / np.sqrt(changed**2 + eps**2))
    mistakes = {
        "it went up the gradient: *subtract* the learning rate times the gradient.": stepped(-of_a, -of_b),
        "the gradients were added up, not averaged: a step is then larger for a larger picture.": stepped(
            of_a * low.size, of_b * low.size
        ),
        "a was changed before the gradient of b was computed: both belong to the old weights.": stepped(of_a, late),
        "the gradient of a lacks the factor I: where the photo is black, a changes nothing.": stepped(of_b, of_b),
        "b was not changed.": stepped(of_a, 0),
        "a was not changed.": stepped(0, of_b),
        "the learning rate is missing.": (a - of_a, b - of_b),
        "this is the gradient of the squared error, 2 d; Charbonnier's is d divided by the root.": stepped(
            *gradients(2 * d)
        ),
        "d is not divided by the root.": stepped(*gradients(d)),
        "ε is missing: this is the gradient of |d|, the sign of d.": stepped(*gradients(np.sign(d))),
        "the loss was used, not its gradient: divide d by √(d² + ε²).": stepped(*gradients(root)),
        "these are the gradients; subtract them from the weights.": (of_a, of_b),
    }
    mistakes |= {
        "ε is not squared: √(d² + ε²).": stepped(*gradients(d / np.sqrt(d**2 + eps))),
        "the gradient of a is a product of two means; it is the mean of the products.": stepped(
            of_b * low.mean(), of_b
        ),
    }
    stages = {
        "the difference d": (d, -d),
        "the root √(d² + ε²)": root,
        "d divided by the root": (d / root, -d / root),
        "that times I": (d / root * low, -d / root * low),
        "the gradient of a": (of_a, -of_a),
        "the gradient of b": (of_b, -of_b),
    }
    got = call(function, (a, b), low, high, rate)
    steps = Steps(function, ((a, b), low, high, rate), stages)
    compare("step((1.3, 0.1), low, high, 0.25)", got, stepped(of_a, of_b), mistakes, look, steps=steps)
    return "step: gradient descent. A network does this with all its weights at once."


@exercise
def rate_at(function) -> str:
    """Exercise 3: `rate_at(k, steps, warm_up, peak)`, as `model.training.recipe` has it."""
    look = "“Learning rate schedule”: a straight line for k < w, then half a cosine over t from 0 to 1."
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

    def fall(share: np.ndarray) -> np.ndarray:
        return (1 + np.cos(math.pi * share)) / 2

    whole = numbers / recipe.steps
    mistakes: dict[str, Any] = {
        "there is no warm-up: the first steps are small.": Either(half(t), half(whole)),
        "the warm-up begins at 0: step k = 0 would do nothing. It is (k + 1) / w.": then(
            half(t), peak * numbers / warm
        ),
        "the cosine begins at step 0, not where the warm-up ends, with a jump: t = (k − w) / (n − w).": then(
            half(whole)
        ),
        "the cosine does not reach its end: divide by n − w, not by n.": then(half((numbers - warm) / recipe.steps)),
        "it falls to 0; the last learning rate is a 200th of the peak.": then(peak * fall(t)),
        "it falls from peak + p/200: the part that falls is p − p/200.": then(last + peak * fall(t)),
        "this is a full period, 2π: the learning rate rises again in the second half.": then(half(2 * t)),
        "the cosine is in degrees; `np.cos` takes radians, π · t.": then(half(180 * t / math.pi)),
        "π is missing: the cosine takes π · t.": then(half(t / math.pi)),
        "1 + cos was not halved: then the schedule begins at twice the peak.": then(last + (peak - last) * 2 * fall(t)),
        "it falls in a straight line, not along a cosine.": then(last + (peak - last) * (1 - t)),
        "the 1 + before the cosine is missing: the learning rate becomes negative.": then(
            last + (peak - last) * np.cos(math.pi * t)
        ),
        "it rises along the cosine: 1 + cos, not 1 − cos.": then(half(1 - t)),
        "the learning rate is always the peak.": np.full(len(numbers), peak),
        "after the warm-up the learning rate stays at its peak.": then(np.full(len(numbers), peak)),
    }
    compare(f"rate_at(k, 200, {warm}, 0.002) for all k", got, right, mistakes, look)
    return "rate_at: small steps at first, then large ones, and at the end so small that the weights converge."


@exercise
def follow(function) -> str:
    """Exercise 4: `follow(average, weights, ema_decay)` for a list of arrays."""
    look = "“EMA of weights”: decay · average + (1 − decay) · weights, for each array of the list."
    rng = np.random.default_rng(4)
    shapes, decay = ((5, 3, 2, 4), (4,), ()), 0.9
    average, weights = ([rng.normal(size=shape) for shape in shapes] for _ in range(2))
    before = [np.array(each) for each in average]
    got = call(function, average, weights, decay)
    mistake = "the formula was applied to the whole list: a network's weights are a list, use each array."
    if isinstance(got, list) and len(got) == 1:
        mistake = "`return` stands inside the loop, and ends it after the first array."
    got = several("follow(average, weights, 0.9)", got, "a list of three arrays", len(shapes), mistake, look)
    for k, (old, new) in enumerate(zip(before, weights, strict=True)):
        mistakes = {
            "ema_decay is the share of the new weights; it is that of the old average.": (1 - decay) * old
            + decay * new,
            "1 − ema_decay is missing: the average grows with every step.": decay * old + new,
            "ema_decay is missing: nothing is ever forgotten.": old + (1 - decay) * new,
            "this is the plain mean of both, whatever `ema_decay` is.": (old + new) / 2,
            "these are the weights themselves, not averaged.": new,
            "the average does not change.": old,
            "ema_decay is squared.": decay**2 * old + (1 - decay**2) * new,
        }
        mistakes |= _shares(got[k], old, new)
        right = decay * old + (1 - decay) * new
        compare(f"array {k} of follow(average, weights, 0.9)", got[k], right, mistakes, look)
    return "follow: it forgets slowly, and noise of the single steps averages out."


def _shares(got, old: np.ndarray, new: np.ndarray) -> dict[str, np.ndarray]:
    """How often the old average and the weights count in a result, where it is made of these two."""
    if np.shape(got) != old.shape:
        return {}
    both = np.stack([old.ravel(), new.ravel()], axis=1)
    (a, b), *_ = np.linalg.lstsq(both, np.ravel(got), rcond=None)
    text = (
        f"the old average counts {a:.3g} times here, and the weights {b:.3g} times: these are not `ema_decay` and "
        "`1 - ema_decay`."
    )
    return {text: a * old + b * new}


@exercise
def diagnoses(answer) -> str:
    """Exercise 5: which of the four trainings is which."""
    look = "“Read the curves”: where does the training curve end, and how far away is the validation curve?"
    if not isinstance(answer, dict):
        mistake = 'the letters are missing: {"A": "...", "B": "...", ...}.'
        wrong(f"diagnoses is a {type(answer).__name__}, not a dictionary.", mistake, look)
    if lacking := sorted(set("ABCD") - set(answer)):
        wrong(f"diagnoses has no letter {lacking[0]}.", "a training is left out: there are A, B, C and D.", look)
    answer = {letter: given(f'diagnoses["{letter}"]', answer[letter]) for letter in "ABCD"}
    answer = {letter: " ".join(str(said).lower().split()) for letter, said in answer.items()}
    for said in answer.values():
        if said not in DIAGNOSES.values():
            mistake = f"it is spelt in another way: {', '.join(sorted(DIAGNOSES.values()))}."
            wrong(f"{said!r} is none of the four diagnoses.", mistake, look)
    for letter, name in zip("ABCD", ORDER, strict=True):
        if (said := answer[letter]) != DIAGNOSES[name]:
            other = next(key for key, diagnosis in DIAGNOSES.items() if diagnosis == said)
            mistake = f"{letter} was taken for a training where {SIGNS[other]}. But in {letter}, {SIGNS[name]}."
            wrong(f"{letter} is not “{said}”.", mistake, look)
    return "diagnoses: the training curve shows the optimization, the validation curve the generalization."
