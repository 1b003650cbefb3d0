r"""How a network is trained: every number of it in one place (paper, section 4.2).

The paper trains with Adam (β₁ = 0.9, β₂ = 0.999) and a learning rate that falls along half a cosine. Here the rate
first rises in a straight line for a few steps, since Adam's estimates are poor at the start; gradients are clipped by
their global norm, so that one odd batch cannot undo an hour; and an exponential moving average (EMA) of the
weights is what gets evaluated and shipped.

```
learning rate   /‾‾\__
               /       \__          warm-up, then 0.5 (1 + cos(π t)) from the peak to 1/200 of it
              /            \____
```
"""

import math
from dataclasses import asdict, dataclass

from model.errors import MirnetError
from model.safety.arguments import check_choice, check_integer, check_scales, is_number

__all__ = ["LOSS_NAMES", "PRECISIONS", "Recipe"]

FRAMES = ("", "qqvga")
LOSS_NAMES = ("charbonnier", "psnr")  # of model.training.losses, which imports Keras
PRECISIONS = ("float32", "mixed_bfloat16")

FINAL_SHARE = 1 / 200  # the paper's, from 2e-4 down to 1e-6
WARM_UP_SHARE = 1 / 20
LONGEST_WARM_UP = 500  # steps
LONGEST_AVERAGE = 0.999  # about the last thousand steps
ROUNDS = 100  # rows of the log, points of the curve
LONGEST_ROUND = 500  # steps, so that a killed training loses little


@dataclass(frozen=True)
class Recipe:
    """The numbers of a training. The same recipe, data and start give the same weights.

    Attributes:
        steps: Updates of the weights in all.
        batch: Crops in a batch.
        crop: Side of a square crop in pixels.
        seed: What is random: the order of the photos, where crops are cut, the first weights.
        scales: Crops are cut from the photos at their size divided by one of these, each as likely.
        frame: `qqvga` for whole frames of the board's camera instead of crops; empty for crops.
        mixup: The parameter a of MixUp's Beta(a, a); the authors' is 1.2. 0 for none.
        photo_share: Which part of the samples are good photos that are made dark, 0 to 1.
        exposure: The dark pictures are made brighter or darker at random by up to so many stops. 0 for not at all.
        int8: Quantization-aware training (QAT): whether the network learns to give the same with its activations
            rounded to int8 (`model.training.fake_quant`). A step takes two to three times as long.
        loss: `charbonnier`, the paper's, or `psnr`; see `model.training.losses`.
        learning_rate: Its peak. The paper's network takes 2e-4; small ones bear more.
        clip: Longest gradient, as the norm over all weights; longer ones are shortened to it.
        precision: `float32`, or `mixed_bfloat16`: products in 16 bits, weights and loss in 32. It pays on a GPU with
            tensor cores, and is slower on a CPU without them.

    Raises:
        MirnetError: If a number is outside its range.
    """

    steps: int
    batch: int = 8
    crop: int = 64
    seed: int = 0
    scales: tuple[int, ...] = (1, 2, 4)
    frame: str = ""
    mixup: float = 0.0
    photo_share: float = 0.0
    exposure: float = 0.0
    int8: bool = False
    loss: str = "charbonnier"
    learning_rate: float = 1e-3
    clip: float = 1.0
    precision: str = "float32"

    def __post_init__(self):
        for name, least in (("steps", 1), ("batch", 1), ("crop", 8), ("seed", 0)):
            check_integer(name, getattr(self, name), least)
        for name in ("learning_rate", "clip"):
            if not is_number(getattr(self, name)) or getattr(self, name) == 0:
                raise MirnetError(f"{name} must be a number above 0, not {getattr(self, name)!r}")
        for name in ("mixup", "exposure"):
            if not is_number(getattr(self, name)):
                raise MirnetError(f"{name} must be a number of at least 0, not {getattr(self, name)!r}")
        if not is_number(self.photo_share) or self.photo_share > 1:
            raise MirnetError(f"photo_share must be a number from 0 to 1, not {self.photo_share!r}")
        if not isinstance(self.int8, bool):
            raise MirnetError(f"int8 must be True or False, not {self.int8!r}")
        check_scales(self.scales)
        if self.frame not in FRAMES:
            raise MirnetError(f"frame must be qqvga, or empty for crops, not {self.frame!r}")
        check_choice("loss", self.loss, LOSS_NAMES)
        check_choice("precision", self.precision, PRECISIONS)

    @property
    def warm_up(self) -> int:
        """Steps until the learning rate is at its peak."""
        return max(1, min(LONGEST_WARM_UP, int(self.steps * WARM_UP_SHARE)))

    @property
    def round(self) -> int:
        """Steps between two checkpoints, which are also the rows of the log."""
        return max(1, min(LONGEST_ROUND, self.steps // ROUNDS))

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        falling = 0.5 * (1 + math.cos(math.pi * done))
        return self.learning_rate * (FINAL_SHARE + (1 - FINAL_SHARE) * falling)

    def ema_decay_at(self, step: int) -> float:
        """The decay of the moving average of the weights: average = decay · average + (1 - decay) · weights.

        It begins small, so that the random weights of the start are soon forgotten.
        """
        return min(LONGEST_AVERAGE, (1 + step) / (10 + step))

    def to_dict(self) -> dict:
        """The numbers as a plain dictionary, for JSON."""
        return asdict(self) | {"scales": list(self.scales)}

    @classmethod
    def from_dict(cls, numbers: dict) -> "Recipe":
        """Makes a recipe from `to_dict`'s answer.

        Raises:
            MirnetError: If it has another shape.
        """
        try:
            return cls(**numbers | {"scales": tuple(numbers["scales"])})
        except (TypeError, KeyError) as error:
            raise MirnetError(f"this is no recipe of a training: {error}") from error
