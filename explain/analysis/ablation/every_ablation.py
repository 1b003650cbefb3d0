"""The ablation table: all single ablations on some photos, the most harmful first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from explain.analysis.ablation.gate_values import GATES, MEAN
from explain.analysis.ablation.interventions import Ablation, ablations, choose
from explain.analysis.ablation.run_ablated import Effect, Switchboard, compared
from model.errors import MirnetError
from model.mirnet import MIRNet

__all__ = ["AblationRow", "Pair", "ablation_table"]

Pair = tuple[np.ndarray, np.ndarray | None]
"""A dark photo (height, width, 3), and the same in good light if there is one."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class AblationRow:
    """What one ablation does, over all photos.

    Attributes:
        ablation: Which.
        place: Its number among the ablations of the table, in the order of `ablations`, from 0.
        loss: Mean of the dB that a photo loses without this part; None without bright photos.
        worst: The most that any photo loses, in dB; None without bright photos.
        rms: How far a photo changes, in grey levels of 255; mean over the photos.
        shift: How much brighter (above 0) or darker it becomes, in grey levels of 255; mean over the photos.
    """

    ablation: Ablation
    place: int
    loss: float | None
    worst: float | None
    rms: float
    shift: float

    @property
    def harm(self) -> float:
        """What rows are sorted by: dB lost, or without bright photos grey levels of change."""
        return self.rms if self.loss is None else self.loss


def ablation_table(
    net: MIRNet,
    pairs: Sequence[Pair],
    progress: Progress | None = None,
    chosen: Iterable[Ablation | str] | None = None,
    gates: str = MEAN,
    others: Sequence[np.ndarray] = (),
) -> list[AblationRow]:
    """Switches parts off one at a time, and measures what each was worth.

    Args:
        net: The network; it is the same afterwards.
        pairs: Dark and bright photos, (height, width, 3) each, any size; None instead of a bright photo that there
            is not. Time grows with their pixels.
        progress: Called with (ablations done, ablations in all).
        chosen: Which ablations, or their keys; all of them by default.
        gates: What the gates of an attention that is off become, one of `GATES`: by default their own mean.
        others: Photos for the methods of `GATES` that need them.

    Returns:
        A row for each ablation, the one that loses most dB first, or without bright photos the one that changes most.

    Raises:
        MirnetError: If there are no pairs, a bright photo is missing for some only, or a picture does not fit.
    """
    if not pairs:
        raise MirnetError("there are no photos: give at least one")
    if len({bright is None for _, bright in pairs}) > 1:
        raise MirnetError("some photos have a bright photo and some have none: give all or none")
    wanted = ablations(net.config) if chosen is None else choose(net.config, chosen)
    report = progress or (lambda done, total: None)
    report(0, len(wanted))  # before the network is made ready, which takes a moment
    run = _Photos(Switchboard(net), pairs, gates, others)
    rows = []
    for place, ablation in enumerate(wanted):
        rows.append(_row(ablation, place, run.effects(ablation)))
        report(place + 1, len(wanted))
    return sorted(rows, key=lambda row: -row.harm)


class _Photos:
    """The photos, those of one size together, with what the intact network makes of them."""

    def __init__(self, board: Switchboard, pairs: Sequence[Pair], gates: str, others: Sequence[np.ndarray]):
        self._board = board
        by_size: dict[tuple[int, ...], list[Pair]] = {}
        for k, pair in enumerate(pairs):
            # Alone where it needs other photos, which those of its size may be.
            by_size.setdefault((k,) if GATES[gates].needs_photos else pair[0].shape, []).append(pair)
        self._batches = [(*zip(*same, strict=True),) for same in by_size.values()]
        self._intact = [board.run_batch(dark) for dark, _ in self._batches]
        self._gates = [board.gate_values(dark, gates, others) for dark, _ in self._batches]

    def effects(self, ablation: Ablation) -> list[Effect]:
        """Of one ablation, on each photo."""
        return [
            compared((ablation,), output, intact, bright)
            for (dark, brights), intacts, gates in zip(self._batches, self._intact, self._gates, strict=True)
            for output, intact, bright in zip(
                self._board.run_batch(dark, [ablation], gates), intacts, brights, strict=True
            )
        ]


def _row(ablation: Ablation, place: int, effects: Sequence[Effect]) -> AblationRow:
    losses = [-effect.change for effect in effects if effect.change is not None]
    loss, worst = (float(np.mean(losses)), max(losses)) if losses else (None, None)
    rms, shift = (float(np.mean([getattr(effect, name) for effect in effects])) for name in ("rms", "shift"))
    return AblationRow(ablation, place, loss, worst, rms, shift)
