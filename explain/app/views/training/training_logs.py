"""What there is to tell about the training of the shipped networks: logs, recipes, model cards."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from embedded.models.shipped_models import FOLDER as BOARD_FOLDER
from embedded.models.shipped_models import NANO
from model.errors import MirnetError
from model.training.checkpoint import LogRow
from model.training.run_log import LOG, read_card, read_log
from model.weights.shipped_weights import FOLDER, SHIPPED, Shipped

__all__ = ["OwnTraining", "Trained", "board_card", "own_training", "recipe_text", "trained"]


@dataclass(frozen=True)
class Trained:
    """A shipped network and how it came to be.

    Attributes:
        shipped: Which.
        parameters: Learned weights.
        recipe: A sentence on its last training.
        loss: What was made small: `charbonnier` or `psnr`.
        log: Of its last training.
        card: Its model card, Markdown whose headings fit below a page's.
    """

    shipped: Shipped
    parameters: int
    recipe: str
    loss: str
    log: tuple[LogRow, ...]
    card: str


@dataclass(frozen=True)
class OwnTraining:
    """What a run folder of `mirnet train` tells.

    Attributes:
        recipe: A sentence on it; empty where its card says too little.
        loss: As `Trained.loss`.
        frame: Whether pictures were seen in the frame of the board's camera.
        log: At least one row.
    """

    recipe: str
    loss: str
    frame: bool
    log: tuple[LogRow, ...]


def own_training(folder: Path) -> OwnTraining:
    """The training in a run folder, as far as it has come.

    Raises:
        MirnetError: If its log cannot be read, or has no row.
    """
    log = read_log(folder / LOG)
    if not log:
        raise MirnetError("the log of this training has no row yet")
    try:
        run = read_card(folder)
        recipe = {} if run is None else run["recipe"]
        text = "" if run is None else recipe_text(run)
        return OwnTraining(text, str(recipe.get("loss", "charbonnier")), bool(recipe.get("frame")), log)
    except (KeyError, TypeError, ValueError, AttributeError, MirnetError):  # a card need not be of this version
        return OwnTraining("", "charbonnier", False, log)


@cache
def trained() -> tuple[Trained, ...]:
    """All shipped networks.

    Raises:
        MirnetError: If a file of the package is missing or damaged.
    """
    return tuple(_trained(shipped) for shipped in SHIPPED.values())


@cache
def board_card() -> str:
    """The model card of the board's network, as `Trained.card`."""
    return _below((BOARD_FOLDER / f"{NANO}.md").read_text(encoding="utf-8"))


def recipe_text(run: dict[str, Any]) -> str:
    """A sentence on a training, from its run card."""
    recipe, start = run["recipe"], run["start"]
    pictures = "whole frames" if recipe["frame"] else f"crops of {recipe['crop']} × {recipe['crop']} pixels"
    begin = "a random start" if start["weights"] == "random" else "the weights of a training before it"
    aware = ", with quantization-aware training (QAT)" if recipe.get("int8") else ""
    return f"{recipe['steps']:,} steps of {recipe['batch']} {pictures}{aware}, from {begin}"


def _trained(shipped: Shipped) -> Trained:
    try:
        run = json.loads((FOLDER / f"{shipped.name}.json").read_text(encoding="utf-8"))
        card = (FOLDER / f"{shipped.name}.md").read_text(encoding="utf-8")
        return Trained(
            shipped,
            run["parameters"],
            recipe_text(run),
            run["recipe"].get("loss", "charbonnier"),
            read_log(FOLDER / f"{shipped.name}.csv"),
            _below(card),
        )
    except (OSError, ValueError, KeyError) as error:
        raise MirnetError(
            f"the training of {shipped.name} cannot be read ({error}): install the package again"
        ) from error


def _below(markdown: str) -> str:
    """Its headings three levels lower, so that a page's own stay above them."""
    return re.sub("^#+ ", lambda found: f"###{found[0]}", markdown, flags=re.MULTILINE)
