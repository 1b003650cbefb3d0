"""Evaluation of a network: PSNR, GT-mean PSNR and SSIM on a part of some pairs of photos, beside baselines.

```python
found = evaluation_of(float_subject(weights="desk"), "pairs").run()
found.summary()["network"]["psnr"].mean  # dB
```
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from embedded.emulator import Emulator
from embedded.models.shipped_models import NANO, model_file
from model.config import MIRNetConfig
from model.data import PairSource, open_pairs, split
from model.data.archive import Pairs
from model.data.splitting import NothingToTrainOnError, doubtful
from model.errors import MirnetError
from model.inference.tiling import enhance
from model.quality.evaluate import Restore, evaluate, fit_curve
from model.quality.scores import Results
from model.quality.view import PairView
from model.safety.whole_files import sha256_of
from model.weights.shipped_weights import RANDOM, SHIPPED
from model.weights.sources import weights_file
from model.zoo import default_weights, load_network

__all__ = ["Evaluation", "Subject", "evaluation_of", "float_subject", "int8_subject"]


@dataclass(frozen=True)
class Subject:
    """What is evaluated.

    Attributes:
        config: Its shape.
        weights: Their name, as on the command line.
        networks: As `model.quality.evaluate.evaluate` takes them.
        notes: What to tell before it begins.
        float_weights: Of the float network beside a model of the board; None if there is none.
    """

    config: MIRNetConfig
    weights: str
    networks: Mapping[str, Restore]
    notes: tuple[str, ...]
    float_weights: str | None = None


def float_subject(
    size: str | MIRNetConfig | None = None, weights: str | None = None, channels: int | None = None
) -> Subject:
    """A network as it was trained; arguments as for `load_network`.

    Raises:
        MirnetError: If the weights cannot be used.
    """
    net, note = load_network(size, weights, channels=channels)
    weights = weights or default_weights(net.config)
    return Subject(net.config, weights, {"network": partial(enhance, net)}, (note,))


def int8_subject(model: str, float_weights: str | None = None) -> Subject:
    """A model of the board, run as the board runs it.

    Args:
        model: `nano`, or a .tflite file.
        float_weights: Those that it was made from, to be evaluated beside it.

    Raises:
        MirnetError: If a file cannot be used.
    """
    emulator = Emulator(model_file(model))
    networks: dict[str, Restore] = {"network": emulator.restore}
    notes = [f"{Path(model).name}: int8, run with reference kernels"]
    if float_weights is not None:
        net, note = load_network(emulator.config, float_weights)
        networks["float"] = partial(enhance, net)
        notes.append(f"beside it {note}")
    return Subject(emulator.config, model, networks, tuple(notes), float_weights)


@dataclass(frozen=True)
class Evaluation:
    """What is measured on what.

    Attributes:
        subject: The network.
        pairs: Pairs of photos.
        part: `validation`, `training` or `all` of them.
        names: Which pairs that is.
        view: Size and camera format that they are seen at.
        fitted_on: The pairs that one gain and gamma is fitted on.
        fit_names: Which of them; none where every pair is measured and no other is left. Then, and where all of them
            are unfit, it goes without that baseline.
    """

    subject: Subject
    pairs: Pairs
    part: str
    names: tuple[str, ...]
    view: PairView
    fitted_on: Pairs
    fit_names: tuple[str, ...]

    @property
    def about(self) -> dict[str, Any]:
        """What decides the scores."""
        subject, pairs, fitted_on = self.subject, self.pairs, self.fitted_on
        return {
            "network": subject.config.to_dict(),
            "weights": _named(subject.weights),
            **({"float": _named(subject.float_weights)} if subject.float_weights is not None else {}),
            "data": {"name": pairs.title, "sha256": pairs.fingerprint, "split": self.part, "pictures": len(self.names)},
            "fitted_on": {"name": fitted_on.title, "sha256": fitted_on.fingerprint},
            "view": asdict(self.view),
        }

    def run(self, path: Path | None = None, show: Callable[[str, int, int], None] | None = None) -> Results:
        """Measures every picture that is not measured yet.

        Args:
            path: A JSON file that keeps the scores as they come; None keeps them in memory.
            show: Called with what is done, how many pictures of it are, and how many there are.

        Raises:
            MirnetError: If a picture cannot be used, or the file holds the scores of something else.
        """
        tell = show or (lambda what, done, count: None)
        results = Results(self.about, path)
        results.doubtful = doubtful(self.pairs, self.names, partial(tell, "looking at the pairs"))
        if results.curve is None and self.fit_names:
            fit = partial(tell, "fitting one gain + gamma")
            results.curve = fit_curve(self.fitted_on, self.fit_names, self.view, fit)
        evaluate(
            self.subject.networks,
            self.pairs,
            self.names,
            self.view,
            results,
            partial(tell, "pictures"),
            with_curve=results.curve is not None,
        )
        results.finish()
        return results


def evaluation_of(
    subject: Subject,
    data: PairSource,
    view: PairView | None = None,
    part: str = "validation",
    fit_on: PairSource | None = None,
) -> Evaluation:
    """Chooses the pictures.

    Args:
        subject: What is evaluated.
        data: Where pairs are, as for `open_pairs`.
        view: Size and camera format to see them at; full size by default.
        part: `validation`, `training` or `all` of them.
        fit_on: Other pairs, on whose training part gain and gamma are fitted.

    Raises:
        MirnetError: If there are no such pictures.
    """
    pairs = open_pairs(data)
    fitted_on = pairs if fit_on is None else open_pairs(fit_on)
    try:
        fit_names = split(fitted_on).training
    except NothingToTrainOnError:
        if part != "all" or fit_on is not None:
            raise
        fit_names = ()  # one pair, or one scene: it is scored all the same
    names = pairs.names if part == "all" else getattr(split(pairs), part)
    if not names:
        raise MirnetError(f"{pairs.title} has no pictures to measure on in its {part} part; try --split all")
    return Evaluation(subject, pairs, part, names, view or PairView(), fitted_on, fit_names)


def _named(weights: str) -> dict[str, str] | None:
    if weights == RANDOM:
        return None
    of_board = weights == NANO or weights.endswith(".tflite")
    file = model_file(weights) if of_board else weights_file(weights)
    return {"name": weights if weights in (*SHIPPED, NANO) else file.name, "sha256": sha256_of(file)}
