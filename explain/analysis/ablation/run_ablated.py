"""Runs a network with parts switched off: once, or many times by an engine that puts other tensors in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from explain.analysis.ablation.gate_values import MEAN, gate_values, is_gate
from explain.analysis.ablation.interventions import Ablation, choose
from explain.tracing.engine import Engine, Tensors, make_engine
from explain.tracing.padding import padded
from model.errors import ImageError
from model.images.arrays import as_uint8
from model.mirnet import MIRNet
from model.quality.metrics import psnr

__all__ = ["Effect", "Switchboard", "ablate", "compared", "effect", "run_without"]

LEVELS = 255  # grey levels in a value of 1


@dataclass(frozen=True)
class Effect:
    """What the parts that were switched off had done to a photo.

    Attributes:
        chosen: What was switched off, all of it at once.
        output: (height, width, 3) float32, what the network then makes of the photo; not clipped.
        intact: The same of the whole network.
        psnr: Of `output` against the bright photo, both rounded to 8 bits, in dB; None without a bright photo.
        psnr_intact: Likewise of `intact`.
    """

    chosen: tuple[Ablation, ...]
    output: np.ndarray
    intact: np.ndarray
    psnr: float | None = None
    psnr_intact: float | None = None

    @property
    def difference(self) -> np.ndarray:
        """(height, width, 3) within -1 and 1: `output` − `intact`, each clipped to [0, 1] as one would see it."""
        return np.clip(self.output, 0, 1) - np.clip(self.intact, 0, 1)

    @property
    def change(self) -> float | None:
        """What the photo gains without these parts, in dB: below 0 if they did good; None without a bright photo."""
        if self.psnr is None or self.psnr_intact is None:
            return None
        return self.psnr - self.psnr_intact if self.psnr != self.psnr_intact else 0.0

    @property
    def rms(self) -> float:
        """How far the photo changes: root mean square of the difference, in grey levels of 255."""
        return LEVELS * float(np.sqrt(np.mean(np.square(self.difference, dtype="float64"))))

    @property
    def shift(self) -> float:
        """How much brighter (above 0) or darker it becomes: mean of the difference, in grey levels of 255."""
        return LEVELS * float(np.mean(self.difference, dtype="float64"))


def ablate(
    net: MIRNet,
    image: np.ndarray,
    chosen: Iterable[Ablation | str],
    gates: str = MEAN,
    others: Sequence[np.ndarray] = (),
) -> np.ndarray:
    """Runs a network with parts switched off.

    Args:
        net: The network; it is the same afterwards.
        image: (height, width, 3), uint8 or floating point within [0, 1], any size.
        chosen: What to switch off, all of it at once: ablations or their keys. Nothing at all is fine too.
        gates: What the gates of an attention that is off become, one of `GATES`: by default their own mean.
        others: Photos for the methods of `GATES` that need them.

    Returns:
        (height, width, 3) float32, not clipped.

    Raises:
        MirnetError: If the network has no such ablation, with the nearest keys, or the image is no picture.
    """
    return Switchboard(net).run(image, chosen, gates, others)


def effect(
    net: MIRNet,
    image: np.ndarray,
    chosen: Iterable[Ablation | str],
    bright: np.ndarray | None = None,
    gates: str = MEAN,
    others: Sequence[np.ndarray] = (),
) -> Effect:
    """Runs a network whole and with parts switched off, and compares.

    Args:
        net: The network; it is the same afterwards.
        image: (height, width, 3), uint8 or floating point within [0, 1], any size.
        chosen: What to switch off, all of it at once: ablations or their keys.
        bright: The photo in good light, of the same size, for PSNR.
        gates: As `ablate` takes it.
        others: As `ablate` takes them.

    Raises:
        MirnetError: If the network has no such ablation, or a picture does not fit.
    """
    together, board = choose(net.config, chosen), Switchboard(net)
    return compared(together, board.run(image, together, gates, others), board.run(image), bright)


def compared(chosen: tuple[Ablation, ...], output: np.ndarray, intact: np.ndarray, bright: np.ndarray | None) -> Effect:
    """The effect, from both pictures (height, width, 3) and the bright one."""
    if bright is None:
        return Effect(chosen, output, intact)
    if bright.shape != intact.shape:
        sizes = [f"{picture.shape[1]} x {picture.shape[0]}" for picture in (intact, bright)]
        raise ImageError(f"the bright photo must have the dark one's size, {sizes[0]} pixels, not {sizes[1]}")
    scores = [psnr(as_uint8(picture), as_uint8(bright), data_range=255) for picture in (output, intact)]
    return Effect(chosen, output, intact, *scores)


class Switchboard:
    """A network made ready for many ablations: what runs several of them is several times faster.

    Its engine rounds in another order than single operators do: compare its results with each other. Among them,
    switching off what does nothing changes no bit.

    Args:
        net: The network; it is the same afterwards.

    Examples:
        >>> board = Switchboard(net)
        >>> board.run(image, ["skip-group.rrg_1"]).shape
        (240, 360, 3)
    """

    def __init__(self, net: MIRNet):
        self.net, self._engine = net, make_engine(net)

    def run(
        self,
        image: np.ndarray,
        chosen: Iterable[Ablation | str] = (),
        gates: str = MEAN,
        others: Sequence[np.ndarray] = (),
    ) -> np.ndarray:
        """As `ablate` with this network."""
        together = choose(self.net.config, chosen)
        values = self.gate_values([image], gates, others) if any(one.replaces_gates for one in together) else {}
        return self.run_batch([image], together, values)[0]

    def run_batch(
        self, images: Sequence[np.ndarray], chosen: Iterable[Ablation | str] = (), values: Tensors | None = None
    ) -> np.ndarray:
        """As `run`, for several images of the same size: (images, height, width, 3).

        Args:
            images: (height, width, 3) each.
            chosen: What to switch off.
            values: What gates that are switched off become: from `gate_values` for these images, so that many
                ablations need them once.
        """
        height, width = images[0].shape[:2]
        put = {"input": self._batch(images)}
        output = run_without(self._engine, choose(self.net.config, chosen), put, values or {})
        return output[:, :height, :width]

    def gate_values(
        self, images: Sequence[np.ndarray], gates: str = MEAN, others: Sequence[np.ndarray] = ()
    ) -> dict[str, np.ndarray]:
        """What each gate becomes when it is switched off, for images of one size; see `gate_values`.

        An image that is among `others`, too, is not another one.
        """
        others = [other for other in others if not any(np.array_equal(other, image) for image in images)]
        return gate_values(self._engine, self._batch(images), gates, others)

    def _batch(self, images: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack([padded(image, self.net.config.multiple) for image in images])


def run_without(engine: Engine, chosen: Sequence[Ablation], given: Tensors, values: Tensors) -> np.ndarray:
    """The output of an engine with parts switched off.

    Args:
        engine: Of the network.
        chosen: What to switch off, all of it at once.
        given: Hook name to a tensor that none of them changes: `input`, and activations that are known already,
            which then are not computed again.
        values: Hook name to what gates become, from `gate_values`; of those that are switched off.

    Returns:
        (batch, height, width, 3), not clipped.
    """
    put = dict(given)
    kept: dict[str, np.ndarray] = {}
    for ablation in chosen:
        for name in ablation.hooks:
            shape = engine.uniform(name)
            if ablation.kind == "drop-stream":
                kept.setdefault(name.removesuffix("/weights"), np.ones(shape[1], "float32"))[ablation.stream - 1] = 0
            elif is_gate(name):
                put[name] = values[name]
            else:
                put[name] = np.full(shape, 1 / shape[1] if ablation.kind == "equal-weights" else 0, "float32")
    return engine.run(["output"], put, kept)["output"]
