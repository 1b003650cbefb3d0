"""Networks of a learner's own: run folders of any size, and one that is trained here, as `mirnet train` does it."""

import json
from pathlib import Path

from explain.analysis.training_run import TrainingOrder, prepare
from model import MIRNet, MIRNetConfig
from model.training.recipe import Recipe
from model.zoo import seed_weights

__all__ = ["SIZES", "random_run", "trained_run"]

SIZES = {
    "trained": MIRNetConfig(channels=4, groups=1, blocks=1, streams=2),
    "tall": MIRNetConfig(channels=16, groups=3, blocks=1),
    "board": MIRNetConfig(channels=8, groups=1, blocks=2, streams=4, style="board", stem=2, companding=63.0),
    "one column": MIRNetConfig(channels=4, groups=1, blocks=1, streams=2, columns=1),
}


def random_run(folder: Path, config: MIRNetConfig) -> Path:
    """A run folder without a log: seeded random weights, and a card that says what network they are of."""
    net = MIRNet(config)
    seed_weights(net, 7)
    folder.mkdir(parents=True)
    net.save_weights(folder / "net.weights.h5")
    (folder / "run.json").write_text(json.dumps({"network": config.to_dict()}))
    return folder


def trained_run(folder: Path, config: MIRNetConfig, data: Path) -> Path:
    """A run folder after two steps on pairs of photos."""
    recipe = Recipe(steps=2, batch=1, crop=16, precision="float32")
    prepare(TrainingOrder("own size", config, recipe, None), folder, str(data)).train()
    return folder
