"""Running a network with parts switched off: once, or many times as one compiled graph with a switch for each part."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from explain.ablate.kinds import KINDS, Ablation, ablations, choose
from explain.show import padded
from explain.trace import run_with_hooks
from model.arrays import as_uint8
from model.compiled import CompiledNet
from model.errors import ImageError
from model.hooks import HookPoint, visiting
from model.metrics import psnr
from model.mirnet import MIRNet

__all__ = ["Effect", "Switchboard", "ablate", "effect"]

Change = Callable  # of a tensor into another one of the same shape
LEVELS = 255  # grey levels in a value of 1
SWITCHES = "switches"


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
        """(height, width, 3) within -1 and 1: `output` less `intact`, each clipped to [0, 1] as one would see it."""
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


def ablate(net: MIRNet, image: np.ndarray, chosen: Iterable[Ablation | str]) -> np.ndarray:
    """Runs a network with parts switched off.

    Args:
        net: The network; it is the same afterwards.
        image: (height, width, 3), uint8 or floating point within [0, 1], any size.
        chosen: What to switch off, all of it at once: ablations or their keys. Nothing at all is fine too.

    Returns:
        (height, width, 3) float32, not clipped.

    Raises:
        MirnetError: If the network has no such ablation, with the nearest keys, or the image is no picture.
    """
    hooks = _hooks(choose(net.config, chosen))
    height, width = image.shape[:2]
    return run_with_hooks(net, padded(image, net.config.multiple), hooks)[0, :height, :width]


def effect(
    net: MIRNet, image: np.ndarray, chosen: Iterable[Ablation | str], bright: np.ndarray | None = None
) -> Effect:
    """Runs a network whole and with parts switched off, and compares.

    Args:
        net: The network; it is the same afterwards.
        image: (height, width, 3), uint8 or floating point within [0, 1], any size.
        chosen: What to switch off, all of it at once: ablations or their keys.
        bright: The photo in good light, of the same size, for PSNR.

    Raises:
        MirnetError: If the network has no such ablation, or a picture does not fit.
    """
    together = choose(net.config, chosen)
    return compared(together, ablate(net, image, together), ablate(net, image, ()), bright)


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
    """A network compiled once with a switch for every ablation: what runs many of them is several times faster.

    Its graph rounds in another order than `ablate` does, which runs operator by operator: compare its results with
    each other. Among them, switching off what does nothing changes no bit.

    Args:
        net: The network; it is the same afterwards.

    Example:
        >>> board = Switchboard(net)
        >>> board.run(image, ["skip-group.rrg_1"]).shape
        (240, 360, 3)
    """

    def __init__(self, net: MIRNet):
        self.net, self.ablations = net, ablations(net.config)
        self._compiled = CompiledNet(SwitchedNet(net, self.ablations), replace=[SWITCHES])

    def run(self, image: np.ndarray, chosen: Iterable[Ablation | str] = ()) -> np.ndarray:
        """As `ablate` with this network."""
        return self.run_batch([image], chosen)[0]

    def run_batch(self, images: Sequence[np.ndarray], chosen: Iterable[Ablation | str] = ()) -> np.ndarray:
        """As `run`, for several images of the same size: (images, height, width, 3)."""
        keys = {ablation.key for ablation in choose(self.net.config, chosen)}
        switches = np.array([ablation.key in keys for ablation in self.ablations], "float32")
        height, width = images[0].shape[:2]
        batch = np.stack([padded(image, self.net.config.multiple) for image in images])
        return self._compiled.on(batch, {SWITCHES: switches.reshape(1, 1, 1, -1)})[0][:, :height, :width]


class SwitchedNet(keras.Model):
    """A network whose ablations are switched on by numbers, 0 or 1, that come in through a hook point."""

    def __init__(self, net: MIRNet, singles: Sequence[Ablation]):
        super().__init__()
        self.net = net
        self._changes: dict[str, list[tuple[int, Change]]] = {}
        for place, single in enumerate(singles):
            for name in single.hooks:
                self._changes.setdefault(name, []).append((place, _change(single)))
        self.built = True  # the network inside is

    def call(self, images):
        """(batch, height, width, 3) to the same."""
        switches = HookPoint(SWITCHES)(ops.zeros((1, 1, 1, 1)))[0, 0, 0] > 0

        def visit(name, tensor):
            for place, change in self._changes.get(name, ()):
                tensor = ops.where(switches[place], change(tensor), tensor)
            return tensor

        with visiting(visit):
            return self.net(images)


def _hooks(chosen: Sequence[Ablation]) -> dict[str, Change]:
    """One function for each hook point, which makes all the changes there one after the other."""
    changes: dict[str, list[Change]] = {}
    for ablation in chosen:
        for name in ablation.hooks:
            changes.setdefault(name, []).append(_change(ablation))
    return {name: _in_turn(those) for name, those in changes.items()}


def _in_turn(changes: Sequence[Change]) -> Change:
    def change(tensor):
        for one in changes:
            tensor = one(tensor)
        return tensor

    return change


def _change(ablation: Ablation) -> Change:
    """What the ablation makes of a tensor at one of its hook points."""
    if ablation.kind == "drop-stream":
        return lambda weights: _without(weights, ablation.stream)
    if ablation.kind == "equal-weights":
        return lambda weights: ops.full_like(weights, 1 / weights.shape[1])
    return ops.ones_like if KINDS[ablation.kind].hooks[-1].endswith("gate") else ops.zeros_like


def _without(weights, stream: int):
    """The weights (batch, streams, 1, channels) with none for one stream; the others grow until the sum is as before.

    When no other stream is left, all weights are 0 and the SKFF gives nothing.
    """
    kept = np.ones((1, weights.shape[1], 1, 1), "float32")
    kept[:, stream - 1] = 0
    rest = weights * ops.convert_to_tensor(kept, dtype=weights.dtype)
    before, left = (ops.sum(each, axis=1, keepdims=True) for each in (weights, rest))
    some = left > 0
    return rest * ops.where(some, before / ops.where(some, left, 1), 0)
