"""A training and its folder: order, inputs, network, training step and run card.

```python
order = TrainingOrder("3x1", preset("3x1"), Recipe(steps=1000))
outcome = prepare(order, Path("my-run"), "pairs").train()
```

`mirnet train` does this once, `mirnet study` once for each size.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from embedded.emulator import Emulator
from explain.analysis.ranges import about_ranges, keep_ranges, kept_ranges
from model.config import MIRNetConfig
from model.data import PairSource, PhotoFolder, open_pairs
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.safety.whole_files import sha256_of
from model.training.accelerator import accelerator
from model.training.inputs import TrainingInputs, make_inputs
from model.training.loop import Outcome, Watcher, steps_within, train
from model.training.recipe import Recipe
from model.training.run_log import machine, read_card, versions
from model.training.step import TrainingStep, training_step
from model.weights.sources import weights_file
from model.zoo import load_network, seed_weights

__all__ = ["Prepared", "TrainingOrder", "order_in", "prepare", "scales_of", "usual_precision"]


@dataclass(frozen=True)
class TrainingOrder:
    """What was asked for: everything that decides the trained weights.

    Attributes:
        size: The name of the preset.
        config: The network.
        recipe: The numbers of the training.
        init_from: A file of weights to start from, or None for seeded random ones.
        ranges: The model whose ranges quantization-aware training takes, or None.
        known: The run card of a training that goes on, or None.
    """

    size: str
    config: MIRNetConfig
    recipe: Recipe
    init_from: str | None = None
    ranges: Emulator | None = None
    known: dict[str, Any] | None = None

    @property
    def start(self) -> dict[str, Any]:
        """What the first weights are, for the run card."""
        if self.init_from is None:
            return {"weights": "random", "seed": self.recipe.seed}
        return {"weights": Path(self.init_from).name, "sha256": sha256_of(weights_file(self.init_from))}


def order_in(folder: Path) -> TrainingOrder | None:
    """The training in a folder, as its run card has it; None if the folder holds none.

    Raises:
        MirnetError: If the card is none of a training, or the model with its ranges is missing.
    """
    card = read_card(folder)
    if card is None:
        return None
    try:
        config, recipe = MIRNetConfig(**card["network"]), Recipe.from_dict(card["recipe"])
        return TrainingOrder(card["preset"], config, recipe, ranges=kept_ranges(card, folder), known=card)
    except (KeyError, TypeError) as error:
        raise MirnetError(f"{folder}/run.json is no run card of a training ({error}); start anew elsewhere") from error


@dataclass(frozen=True, eq=False)
class Prepared:
    """A training that can begin.

    Attributes:
        order: What was asked for.
        folder: Where everything goes.
        inputs: The decoded training inputs.
        net: The network with its first weights.
        step: The step, which compiles when it is first taken.
    """

    order: TrainingOrder
    folder: Path
    inputs: TrainingInputs
    net: MIRNet
    step: TrainingStep

    def lasting(self, hours: float) -> "Prepared":
        """The same for as many steps as fit into so many hours, measured."""
        recipe = self.order.recipe
        steps = steps_within(hours * 3600, self.step, self.inputs.batches, recipe.batch)
        return replace(self, order=replace(self.order, recipe=replace(recipe, steps=steps)))

    def train(self, seconds: float | None = None, watcher: Watcher | None = None) -> Outcome:
        """Trains from where the folder's newest checkpoint is; see `model.training.loop.train`."""
        order, inputs = self.order, self.inputs
        card = order.known or {
            "preset": order.size,
            "parameters": self.net.count_params(),
            "start": order.start,
            **inputs.about,
            **about_ranges(order.ranges),
            "versions": versions(),
            "machine": machine(),
        }
        validate = inputs.validate if inputs.validation else None
        return train(
            self.net,
            inputs.batches,
            order.recipe,
            self.folder,
            card=card,
            validate=validate,
            seconds=seconds,
            watcher=watcher,
            step=self.step,
        )


def prepare(
    order: TrainingOrder,
    folder: Path,
    data: PairSource | None,
    photos: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Prepared:
    """Decodes the data and makes network and step.

    Args:
        order: What to train.
        folder: Of the training; made if needed.
        data: Where pairs are, as for `open_pairs`; None to train on good photos alone.
        photos: A folder of good photos, to be made dark.
        progress: Called with (photos decoded, photos in all).

    Raises:
        MirnetError: If a picture or a weight cannot be used, or a training goes on with other data.
    """
    recipe = order.recipe
    pairs, good = None if data is None else open_pairs(data), None if photos is None else PhotoFolder(photos)
    inputs = make_inputs(recipe, pairs, good, progress)
    for kind in ("data", "photos") if order.known else ():
        here, there = (about.get(kind, {}).get("sha256") for about in (inputs.about, order.known or {}))
        if here != there:
            raise MirnetError(f"the {kind} differ from those that the training in {folder} began with: give the same")
    net = MIRNet(order.config, dtype=recipe.precision)
    if order.init_from is None:
        seed_weights(net, recipe.seed)
    else:
        net.set_weights(load_network(order.config, order.init_from)[0].get_weights())
    ranges = keep_ranges(order.ranges, folder)
    step = training_step(net, recipe.clip, int8=recipe.int8, ranges=ranges, loss=recipe.loss)
    return Prepared(order, folder, inputs, net, step)


def usual_precision() -> str:
    """What a training computes with unless told otherwise: bfloat16 where tensor cores make it fast."""
    return "mixed_bfloat16" if accelerator() else "float32"


def scales_of(text: str) -> tuple[int, ...]:
    """`1,2,4` as integers.

    Raises:
        MirnetError: If they are none.
    """
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise MirnetError(f"--scales must be integers with commas between, such as 1,2,4, not {text!r}")
    return tuple(int(part) for part in parts)
