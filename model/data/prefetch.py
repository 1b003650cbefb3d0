"""Prefetching: threads make the next batches while the network works on this one."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from model.data.batches import Batches

__all__ = ["Batch", "prefetched"]

Batch = tuple[np.ndarray, np.ndarray]
"""Dark and bright crops, each (batch, height, width, 3) float32 within [0, 1]."""


def prefetched(batches: Batches, steps: range, workers: int = 2) -> Iterator[Batch]:
    """The batches of some steps in their order, each made ahead of time in a thread.

    What the batches are does not depend on how many threads there are. An error in a thread is raised here.

    Args:
        batches: Where they come from.
        steps: Which ones.
        workers: Threads; twice as many batches wait ready at most.
    """
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="batch") as pool:
        try:
            for step in steps:
                waiting.append(pool.submit(batches.batch, step))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # the reader may have stopped: make no further batches
            for future in waiting:
                future.cancel()
