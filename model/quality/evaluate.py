"""How good a network is: PSNR, GT-mean PSNR and SSIM of every picture, beside what it takes no network to reach.

Pictures are compared as they would be saved, rounded to 8 bits.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from model.data.archive import Pairs
from model.data.splitting import fault_of_photos
from model.errors import MirnetError
from model.quality.baselines import GainGamma, Tally, as_is, autocontrast, best_curve, clahe, fit_gain_gamma
from model.quality.metrics import gt_mean, psnr, ssim
from model.quality.scores import Results
from model.quality.view import PairView

__all__ = ["Restore", "evaluate", "fit_curve", "restored_by"]

Progress = Callable[[int, int], None]
Restore = Callable[[np.ndarray], np.ndarray]
"""What makes a bright picture, uint8, of a dark one."""


def fit_curve(pairs: Pairs, names: Sequence[str], view: PairView, progress: Progress | None = None) -> GainGamma | None:
    """The one gain and gamma that fits pairs best, at the size and in the frame of the evaluation.

    Pairs that a network would not be trained on (`model.data.splitting.fault_of_photos`) are left out: 0.3 dB better
    on LOL.

    Args:
        pairs: Where they are.
        names: Which ones; none of those that are evaluated.
        view: Size and frame.
        progress: Called with (pairs done, pairs in all).

    Returns:
        The curve; None if all of them are left out, as of dark and bright photos that were exchanged.
    """
    tally = Tally()
    for done, name in enumerate(names, 1):
        low, high = pairs.load(name)
        if fault_of_photos(low, high) is None:
            tally.add(*view(low, high))
        if progress is not None:
            progress(done, len(names))
    return fit_gain_gamma(tally) if tally.count.any() else None


def restored_by(
    networks: Mapping[str, Restore], curve: GainGamma | None, low: np.ndarray, high: np.ndarray
) -> dict[str, np.ndarray]:
    """What each method makes of a dark picture, uint8; only the oracle uses the bright one.

    Without a curve, the baseline of one gain + gamma is left out.
    """
    return {
        **{name: restore(low) for name, restore in networks.items()},
        "as_is": as_is(low),
        "autocontrast": autocontrast(low),
        "clahe": clahe(low),
        **({} if curve is None else {"gain_gamma": curve(low)}),
        "oracle": best_curve(low, high),
    }


def evaluate(
    networks: Mapping[str, Restore],
    pairs: Pairs,
    names: Sequence[str],
    view: PairView,
    results: Results,
    progress: Progress | None = None,
    with_curve: bool = True,
) -> None:
    """Scores every picture that has no scores yet.

    Args:
        networks: What is evaluated, as `network`; and, if it is an int8 network, the one it was made from as
            `float`. `partial(enhance, net)` makes one of a `MIRNet`.
        pairs: Where the pairs are.
        names: Which ones.
        view: Size and frame.
        results: Where scores go; its `curve` must be set.
        progress: Called with (pictures done, pictures in all).
        with_curve: False where no pairs are left to fit a curve on: that baseline is then left out.

    Raises:
        MirnetError: If a picture cannot be read, is too small for SSIM, or the network gives nonsense.
    """
    if results.curve is None and with_curve:
        raise MirnetError("results.curve must be set first, by fit_curve on pairs that are not evaluated")
    for done, name in enumerate(names, 1):
        if name not in results.images:
            low, high = view(*pairs.load(name))
            restored = restored_by(networks, results.curve, low, high)
            results.add(name, {method: _scores(picture, high) for method, picture in restored.items()})
        if progress is not None:
            progress(done, len(names))


def _scores(restored: np.ndarray, high: np.ndarray) -> dict[str, float]:
    # Bytes against 255: the same numbers as values rounded to 1/255 against 1.
    return {
        "psnr": psnr(restored, high, data_range=255),
        "gt_mean_psnr": psnr(gt_mean(restored, high), high, data_range=255),
        "ssim": ssim(restored, high, data_range=255),
    }
