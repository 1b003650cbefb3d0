"""Training: step after step, and a checkpoint after every round of steps.

```
for each round:   steps -> loss finite? -> checkpoint -> log, run card, averaged weights
```

The batch of a step depends on its number alone, and so do the learning rate and the averaging. A checkpoint holds
all else. So a killed training resumes exactly where it was: on one thread of one machine the final
weights are the same to the last bit.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.data.batches import Batches
from model.data.prefetch import prefetched
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.safety.whole_files import replacing
from model.training.checkpoint import Checkpoint, LogRow, load_checkpoint, save_checkpoint
from model.training.recipe import Recipe
from model.training.run_log import WEIGHTS, Events, write_card, write_log
from model.training.step import TrainingStep, training_step

__all__ = ["WEIGHTS", "Outcome", "Watcher", "steps_within", "train"]

VALIDATE_EVERY = 10  # rounds

SPARE_DISK = 1_000_000  # bytes, for what HDF5 adds to the weights

MEASURED_SECONDS = 10.0
MEASURED_STEPS = 3  # at least
TIME_FOR_STEPS = 0.95  # of the whole; the rest is for checkpoints and validation


class Watcher:
    """Who wants to know how a training goes; the methods do nothing unless overridden."""

    def stepped(self, done: int, steps: int) -> None:
        """A step was handed to the machine."""

    def rounded(self, rows: tuple[LogRow, ...]) -> None:
        """A round is over and its checkpoint is written."""


@dataclass(frozen=True)
class Outcome:
    """How a call of `train` ended.

    Attributes:
        rows: The whole log.
        finished: Whether all steps are done; False if the time was up.
    """

    rows: tuple[LogRow, ...]
    finished: bool


def train(
    net: MIRNet,
    batches: Batches,
    recipe: Recipe,
    folder: Path,
    *,
    card: dict[str, Any] | None = None,
    validate: Callable[[MIRNet], float] | None = None,
    seconds: float | None = None,
    watcher: Watcher | None = None,
    step: TrainingStep | None = None,
) -> Outcome:
    """Trains a network, from the newest checkpoint in the folder if there is one.

    Args:
        net: The network; without a checkpoint its weights are the start. At the end it has the averaged weights.
        batches: Batches of dark and bright crops.
        recipe: The numbers of the training.
        folder: Where checkpoints, log, run card and weights go; made if needed.
        card: Entries of the run card beside recipe and result.
        validate: Gives the PSNR in dB of a network; called with the averaged weights every tenth round.
        seconds: Stop after about so long, between two rounds; one round is always done.
        watcher: Is told of steps and rounds.
        step: A step that has been compiled already (see `steps_within`).

    Returns:
        The log, and whether the training is complete.

    Raises:
        MirnetError: If the loss or a weight is no finite number, a batch cannot be made, or the disk is full. The
            newest checkpoint is then that of the last good round.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    watcher = watcher or Watcher()
    step = step or training_step(net, recipe.clip, int8=recipe.int8, loss=recipe.loss)
    averaged = MIRNet(net.config)  # in float32, whatever the precision of the training
    checkpoint = load_checkpoint(folder) or Checkpoint(step.read())
    step.write(checkpoint.state)
    _write_card(folder, checkpoint, recipe, card or {}, net)
    if checkpoint.rows:  # it may have been killed before it had written all that follows from the checkpoint
        averaged.set_weights(step.averaged_weights())
        _write_down(folder, checkpoint, recipe, card or {}, averaged)
    events = Events(folder)
    longest = 0.0  # seconds of a round
    while checkpoint.step < recipe.steps:
        now = time.monotonic()
        if seconds is not None and longest and now - began + longest > seconds:
            break
        checkpoint = _round(step, batches, recipe, checkpoint, folder, averaged, validate, watcher)
        _write_down(folder, checkpoint, recipe, card or {}, averaged)
        events.add(checkpoint.rows[-1])
        watcher.rounded(checkpoint.rows)
        longest = max(longest, time.monotonic() - now)
    events.close()
    net.set_weights(step.averaged_weights())
    return Outcome(checkpoint.rows, finished=checkpoint.step >= recipe.steps)


def _round(
    step: TrainingStep,
    batches: Batches,
    recipe: Recipe,
    before: Checkpoint,
    folder: Path,
    averaged: MIRNet,
    validate: Callable[[MIRNet], float] | None,
    watcher: Watcher,
) -> Checkpoint:
    """Takes the steps of a round and writes the checkpoint."""
    began = time.monotonic()
    end = min(recipe.steps, (before.step // recipe.round + 1) * recipe.round)
    numbers = range(before.step, end)
    losses = []
    for number, (low, high) in zip(numbers, prefetched(batches, numbers), strict=True):
        losses.append(step(low, high, recipe.rate_at(number), recipe.ema_decay_at(number)))
        watcher.stepped(number + 1, recipe.steps)
    values = np.array([float(loss) for loss in losses])
    state = step.read()
    _refuse_nonsense(values, state, before, folder)
    averaged.set_weights(step.averaged_weights())
    last = end == recipe.steps
    due = validate is not None and (last or end // recipe.round % VALIDATE_EVERY == 0)
    row = LogRow(
        step=end,
        loss=float(values.mean()),
        learning_rate=recipe.rate_at(end - 1),
        validation_psnr=validate(averaged) if validate is not None and due else None,
        seconds=before.seconds + time.monotonic() - began,
    )
    checkpoint = Checkpoint(state, (*before.rows, row))
    try:
        save_checkpoint(folder, checkpoint)
    except MirnetError as error:
        raise MirnetError(f"{error}. {_last_good(before)}") from error
    return checkpoint


def _refuse_nonsense(losses: np.ndarray, state: list[np.ndarray], before: Checkpoint, folder: Path) -> None:
    """The guard against NaN: it is noticed at the end of a round, before anything is written."""
    bad = np.flatnonzero(~np.isfinite(losses))
    if bad.size:
        where = f"the loss of step {before.step + int(bad[0]) + 1} is {losses[bad[0]]}"
    elif not all(np.isfinite(array).all() for array in state):
        where = f"after step {before.step + len(losses)} a weight is no finite number"
    else:
        return
    raise MirnetError(
        f"{where}, so the training stopped. {_last_good(before)}: start anew in another folder with a lower "
        f"learning rate, from the weights so far if you like (--init-from {folder / WEIGHTS})"
    )


def _last_good(before: Checkpoint) -> str:
    return f"The checkpoint of step {before.step} is kept" if before.rows else "No checkpoint was written yet"


def _write_down(folder: Path, checkpoint: Checkpoint, recipe: Recipe, card: dict[str, Any], averaged: MIRNet) -> None:
    """Everything that follows from a checkpoint."""
    write_log(folder, checkpoint.rows)
    _write_card(folder, checkpoint, recipe, card, averaged)
    with replacing(folder / WEIGHTS) as unfinished:
        _refuse_full_disk(folder, averaged)
        averaged.save_weights(unfinished)


def _refuse_full_disk(folder: Path, net: MIRNet) -> None:
    """Asks first, since HDF5 does not survive a disk that fills up while it writes."""
    size = sum(weight.nbytes for weight in net.get_weights())
    if shutil.disk_usage(folder).free < 2 * size + SPARE_DISK:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_card(folder: Path, checkpoint: Checkpoint, recipe: Recipe, card: dict[str, Any], net: MIRNet) -> None:
    result = asdict(checkpoint.rows[-1]) | {"finished": checkpoint.step == recipe.steps} if checkpoint.rows else None
    write_card(folder, card | {"network": net.config.to_dict(), "recipe": recipe.to_dict(), "result": result})


def steps_within(seconds: float, step: TrainingStep, batches: Batches, batch: int) -> int:
    """How many steps fit into a time, from a few steps that are taken now and then undone.

    Args:
        seconds: Time for the whole training, with what this measurement takes.
        step: The training step.
        batches: Its data.
        batch: Crops in a batch, for the error message.

    Raises:
        MirnetError: If not even one round of steps fits.
    """
    began = time.monotonic()
    state = step.read()
    times = [began]
    for low, high in prefetched(batches, range(1000)):
        float(step(low, high, 0.0, 0.0))
        times.append(time.monotonic())
        # The first step compiles, so it does not count.
        if len(times) > MEASURED_STEPS + 1 and times[-1] - times[1] > min(MEASURED_SECONDS, seconds / 20):
            break
    step.write(state)
    left = seconds - (time.monotonic() - began)
    each = (times[-1] - times[1]) / (len(times) - 2)
    steps = int(left * TIME_FOR_STEPS / each)
    if steps < 1:
        raise MirnetError(
            f"a step with {batch} crops takes {each:.1f} s and compiling it {times[1] - began:.0f} s, so none fits "
            f"into {seconds:.0f} s: give more time, a smaller batch or smaller crops"
        )
    return steps
