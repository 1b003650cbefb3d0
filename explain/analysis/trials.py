"""The trials of a study: each trains and evaluates one size, from where it was; one after the other, or on Ray.

A trial that was killed goes on from its newest checkpoint, a finished one is not run again. A trial does
the same in both cases.
"""

import logging
import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from explain.analysis.evaluation import evaluation_of, float_subject
from explain.analysis.study import SCORES, StudyPlan, claim, read_scores
from explain.analysis.training_run import order_in, prepare
from model.data import PairSource
from model.errors import MirnetError
from model.quality.view import PairView
from model.safety.whole_files import PathLike
from model.training.loop import WEIGHTS, Watcher

__all__ = ["default_workers", "run_study", "run_trial"]

RETRIES = 3  # of a trial whose worker was killed

Report = Callable[[int, int], None]
Show = Callable[[str, int, int], None]


def run_study(
    plan: StudyPlan,
    data: PairSource,
    folder: Path,
    *,
    workers: int = 1,
    address: str | None = None,
    report: Report | None = None,
    show: Show | None = None,
) -> None:
    """Runs every trial that is not finished.

    Args:
        plan: What to compare.
        data: Pairs, as for `mirnet train`.
        folder: Where everything goes; made if needed.
        workers: How many trials at once. More than one needs Ray.
        address: Of a Ray cluster whose machines see `data` and `folder` under the same paths; None for this machine.
        report: Called with (trials done, trials in all).
        show: Called with what is done, its steps so far and in all; not by trials on Ray.

    Raises:
        MirnetError: If the folder holds another study, a trial cannot be run, or Ray is missing.
    """
    claim(plan, folder)
    tell = report or (lambda done, total: None)
    # Workers have folders of their own.
    pairs = (_absolute(data[0]), _absolute(data[1])) if isinstance(data, tuple) else _absolute(data)
    output = _absolute(folder)
    tell(0, len(plan.sizes))
    if workers > 1 or address is not None:
        _side_by_side(plan, pairs, output, workers, address, tell)
        return
    for done, size in enumerate(plan.sizes, 1):
        run_trial(plan, size, pairs, output, show)
        tell(done, len(plan.sizes))


def run_trial(plan: StudyPlan, size: str, data: PairSource, folder: str, show: Show | None = None) -> None:
    """Trains and evaluates one size, from where it was.

    Raises:
        MirnetError: If training or evaluation refuses.
    """
    run = Path(folder) / size
    tell = show or (lambda what, done, steps: None)
    order = order_in(run) or plan.order(size)
    if not ((order.known or {}).get("result") or {}).get("finished"):
        prepare(order, run, data, progress=partial(tell, "photos decoded")).train(watcher=_Steps(size, tell))
    if read_scores(run) is None:
        subject = float_subject(order.config, str(run / WEIGHTS))
        evaluation_of(subject, data, PairView(plan.resize)).run(
            run / SCORES, lambda what, *at: tell(f"{size} {what}", *at)
        )


class _Steps(Watcher):
    def __init__(self, size: str, show: Show):
        self.show = partial(show, f"{size} steps")

    def stepped(self, done: int, steps: int) -> None:
        self.show(done, steps)


def default_workers(trials: int) -> int:
    """As many trials at once as there are cores, if Ray is installed; else one."""
    return min(os.cpu_count() or 1, trials) if find_spec("ray") else 1


def _absolute(path: PathLike) -> str:
    return str(Path(path).resolve())


def _side_by_side(
    plan: StudyPlan, data: PairSource, folder: str, workers: int, address: str | None, tell: Report
) -> None:
    try:
        import ray
    except ImportError as error:
        raise MirnetError(
            "trials side by side need Ray: pip install 'mirnet-explainer[study]', or run them with --workers 1"
        ) from error
    local: dict[str, Any] = {} if address else {"num_cpus": workers, "include_dashboard": False}
    ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, **local)
    try:
        trial = ray.remote(num_cpus=1, max_retries=RETRIES)(run_trial)
        waiting = [trial.remote(plan, size, data, folder) for size in plan.sizes]
        while waiting:
            ready, waiting = ray.wait(waiting)
            _answer_of(ray, ready[0])
            tell(len(plan.sizes) - len(waiting), len(plan.sizes))
    finally:
        ray.shutdown()


def _answer_of(ray, task) -> None:
    try:
        ray.get(task)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, MirnetError):
            raise MirnetError(str(error.cause)) from error
        raise
    except ray.exceptions.RayError as error:
        reason = str(error).splitlines()[0]
        raise MirnetError(f"a trial was lost {RETRIES} times ({reason}): the same command goes on from here") from error
