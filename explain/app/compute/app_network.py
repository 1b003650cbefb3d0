"""The network that the walkthrough is about: `desk`, or the one that `mirnet app --weights` names.

Whatever on the page is true of one network only asks here: its configuration, what to call it, whether the numbers
that were measured once for shipped weights hold for it, and where the log of its training lies. Its name comes from
`explain.app.network_name`.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from explain.app.network_name import DESK
from model.config import MIRNetConfig
from model.safety.whole_files import printable
from model.training.run_log import LOG, WEIGHTS
from model.weights.shipped_weights import RANDOM, SHIPPED, Shipped
from model.zoo import find_network

__all__ = ["AppNetwork", "about"]

LONGEST_TITLE = 40  # letters


@dataclass(frozen=True)
class AppNetwork:
    """What is known of a network without making it.

    Attributes:
        config: Its numbers.
        title: What the page calls it, one line of plain text: `desk`, `run (yours)`.
        says: A phrase on its weights.
        shipped: The weights of this package that it has; None for all others. Only then do measured numbers hold.
        is_random: Whether it has not learned anything.
        folder: The run folder of `mirnet train` that it comes from, with its log; None where there is none.
    """

    config: MIRNetConfig
    title: str
    says: str
    shipped: Shipped | None
    is_random: bool
    folder: Path | None = None

    @property
    def is_desk(self) -> bool:
        """Whether it is the one that texts with answers were written for."""
        return self.shipped is not None and self.shipped.name == DESK


@lru_cache(maxsize=16)
def about(size: str | None, weights: str | None) -> AppNetwork:
    """What is known of a network by its name.

    Raises:
        MirnetError: If there is no such network, or its file cannot be used.
    """
    config, source = find_network(size, weights)
    if source is None:
        title = f"{size or DESK} with {RANDOM} weights"
        return AppNetwork(config, title, f"{RANDOM} weights: {config.shape_in_words}", None, True)
    shipped = next((each for each in SHIPPED.values() if each.path == source.path), None)
    if shipped is not None:
        return AppNetwork(config, shipped.name, source.says, shipped, False)
    is_run = source.path.name == WEIGHTS
    name = printable((source.path.parent.resolve() if is_run else source.path).name)
    folder = source.path.parent if is_run and (source.path.parent / LOG).is_file() else None
    return AppNetwork(config, f"{_short(name)} (yours)", source.says, None, False, folder)


def _short(name: str) -> str:
    half = LONGEST_TITLE // 2
    return name if len(name) <= LONGEST_TITLE else f"{name[:half]}…{name[-half:]}"
