"""Quantization error, hook point by hook point: SQNR, saturation and PSNR lost, int8 against float.

Three measures for each hook point, over several pairs of dark and bright frames:

- **SQNR**, signal-to-quantization-noise ratio: the power of the float tensor over that of int8 − float, in decibels. It
  says how near the board is to the float network at this point, with all errors from before it.
- **saturated**: the share of values at either end of the tensor's range. A ReLU's zeros are there too.
- **cost**: the PSNR that the restored picture loses when this tensor alone is rounded as the board rounds it
  (`embedded.quantize.simulated`). This says what to fix. Costs do not add up: errors of different tensors may cancel.

The costs of the worst few are measured a second time with mixed models: the float network converted, and in it this
one tensor held as an int8 between QUANTIZE and DEQUANTIZE, run by the interpreter.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embedded.camera.pixel_tables import curve, network_input
from embedded.emulator import Emulator
from embedded.quantize.convert import board_graph
from embedded.quantize.hook_mapping import hook_values
from embedded.quantize.simulated import Simulation
from embedded.tflite.graph_file import read_graph
from embedded.tflite.rewrite import with_rounding
from embedded.tflite.runtime import reference_interpreter
from model.errors import MirnetError
from model.images.camera_formats import depth_to_space
from model.mirnet import MIRNet
from model.quality.metrics import psnr

__all__ = ["LEAST_PAIRS", "HookCost", "Precision", "compare_precision"]

LEAST_PAIRS = 8
"""Fewer pictures say too little: what a tensor costs differs widely from one to the next."""

CONFIRMED = 3

Pair = tuple[np.ndarray, np.ndarray]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class HookCost:
    """One hook point.

    Attributes:
        name: Its full name. Where one tensor has several names, the first.
        tensor: Its index in the int8 graph.
        scale: The size of one step.
        sqnr: In decibels, over all pictures together; infinite where nothing differs.
        saturated: Share of its values at either end of the range.
        cost: PSNR lost when it alone is rounded, in decibels, the mean over pictures. A little below 0 by luck.
        worst: The same of the picture that loses most.
        shift: By how many grey levels (of 255) the picture's mean then moves, the mean over pictures.
        confirmed: The cost in a mixed model; None where none was made.
    """

    name: str
    tensor: int
    scale: float
    sqnr: float
    saturated: float
    cost: float
    worst: float
    shift: float
    confirmed: float | None = None


@dataclass(frozen=True, eq=False)
class Precision:
    """Result of a comparison.

    Attributes:
        hooks: In the order of execution.
        pairs: How many pictures.
        float_psnr: Mean PSNR of the float network against the bright frames, in decibels.
        int8_psnr: Of the board's model.
        simulated_psnr: Of the float network with every hook point rounded.
        pictures: One picture's tensors by hook name, float and int8, for error maps.
    """

    hooks: tuple[HookCost, ...]
    pairs: int
    float_psnr: float
    int8_psnr: float
    simulated_psnr: float
    pictures: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]

    @property
    def ranked(self) -> tuple[HookCost, ...]:
        """The most costly first."""
        return tuple(sorted(self.hooks, key=lambda hook: -hook.cost))


def compare_precision(
    net: MIRNet, emulator: Emulator, pairs: Sequence[Pair], progress: Progress | None = None
) -> Precision:
    """Compares a float network with the model that was made of it.

    Args:
        net: The float network.
        emulator: Its int8 model, with the map of hook points.
        pairs: Dark and bright frames, (120, 160, 3) uint8 each, at least eight: the dark ones as they come from the
            camera's bytes.
        progress: Called with (what is done, steps done, steps in all).

    Raises:
        MirnetError: If there are too few pairs, or no map, or the model is not that of the network.
    """
    if len(pairs) < LEAST_PAIRS:
        raise MirnetError(f"what a layer costs differs from picture to picture: give at least {LEAST_PAIRS} pairs")
    if emulator.hooks is None:
        raise MirnetError("this model comes without its map of hook points: keep NAME.hooks.json beside NAME.tflite")
    tell = progress or (lambda what, done, steps: None)
    bench = _Bench(net, emulator, pairs)
    names = bench.simulation.tensors
    noise, pictures = _against_float(net, emulator, pairs, names, tell)
    exact = bench.run(())
    float_scores, brightness = bench.scores(exact), _brightness(exact)
    costs = []
    for done, (name, tensor) in enumerate(names.items(), 1):
        rounded = bench.run((name,))
        lost = float_scores - bench.scores(rounded)
        shift = float(np.abs(_brightness(rounded) - brightness).mean())
        scale = emulator.graph.tensors[tensor].scale
        sqnr, saturated = noise[name]
        cost, worst = float(lost.mean()), float(lost.max())
        costs.append(HookCost(name, tensor, scale, sqnr, saturated, cost, worst, shift))
        tell("rounding one at a time", done, len(names))
    return Precision(
        _confirmed(net, emulator, bench, costs, float_scores, tell),
        len(pairs),
        float(float_scores.mean()),
        float(np.mean([psnr(emulator.restore(dark), bright, data_range=255) for dark, bright in pairs])),
        float(bench.scores(bench.run(None)).mean()),
        pictures,
    )


class _Bench:
    """The float network on all pictures at once, with some hook points rounded."""

    def __init__(self, net: MIRNet, emulator: Emulator, pairs: Sequence[Pair]):
        assert emulator.hooks is not None
        self.simulation = Simulation(net, emulator.graph, emulator.hooks)
        self.stem, self.pairs = net.config.stem, pairs
        self.inputs = np.concatenate([network_input(dark, net.config) for dark, _ in pairs])
        self.bases = [curve(net.config.companding)[dark] for dark, _ in pairs]

    def run(self, names: Sequence[str] | None) -> list[np.ndarray]:
        """Restored pictures, uint8, with these hook points rounded; None for all."""
        return self.restored(self.simulation(self.inputs, names))

    def restored(self, residuals: np.ndarray) -> list[np.ndarray]:
        """Restored pictures, uint8, from the residuals in channels (space-to-depth)."""
        return [
            np.clip(np.rint((base + depth_to_space(residual, self.stem)) * 255), 0, 255).astype(np.uint8)
            for base, residual in zip(self.bases, residuals, strict=True)
        ]

    def scores(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """PSNR of each against its bright frame, in decibels."""
        return np.array(
            [psnr(mine, bright, data_range=255) for mine, (_, bright) in zip(pictures, self.pairs, strict=True)]
        )


def _brightness(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Mean of each, in grey levels."""
    return np.array([float(picture.mean()) for picture in pictures])


def _against_float(net: MIRNet, emulator: Emulator, pairs: Sequence[Pair], names: dict[str, int], tell):
    """Hook name to (SQNR, saturated share), and the first picture's tensors, float and int8."""
    powers = {name: np.zeros(2) for name in names}
    saturated = dict.fromkeys(names, 0.0)
    shown: tuple[dict[str, np.ndarray], dict[str, np.ndarray]] | None = None
    for done, (dark, _) in enumerate(pairs, 1):
        floats, integers = hook_values(net, network_input(dark, net.config)), emulator.tensors(dark)
        values = {name: emulator.graph.tensors[tensor].dequantize(integers[tensor]) for name, tensor in names.items()}
        for name, tensor in names.items():
            if floats[name].shape != values[name].shape:
                raise MirnetError("this model is not that of this network: give the weights it was made from")
            powers[name] += np.square(floats[name]).sum(), np.square(floats[name] - values[name]).sum()
            saturated[name] += float(((integers[tensor] == -128) | (integers[tensor] == 127)).mean()) / len(pairs)
        shown = shown or ({name: floats[name] for name in names}, values)
        tell("float beside int8", done, len(pairs))
    assert shown is not None
    return {name: (_decibels(*powers[name]), saturated[name]) for name in names}, shown


def _decibels(signal: float, noise: float) -> float:
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal else -math.inf


def _confirmed(net: MIRNet, emulator: Emulator, bench: _Bench, costs: list[HookCost], float_scores, tell):
    """The most costly ones once more, each in a mixed model."""
    model = board_graph(net)
    graph = read_graph(model)
    worst = sorted(costs, key=lambda hook: -hook.cost)[:CONFIRMED]
    for done, hook in enumerate(worst, 1):
        tensor = emulator.graph.tensors[hook.tensor]
        maker = emulator.graph.producer.get(hook.tensor)
        rounded = graph.inputs[0] if maker is None else graph.operators[maker.index].outputs[0]
        mixed = with_rounding(model, rounded, tensor.scale, tensor.zero_point)
        pictures = bench.restored(_residuals(mixed, bench.inputs))
        lost = float((float_scores - bench.scores(pictures)).mean())
        costs[costs.index(hook)] = replace(hook, confirmed=lost)
        tell("confirming with mixed models", done, len(worst))
    return tuple(costs)


def _residuals(model: bytes, frames: np.ndarray) -> np.ndarray:
    interpreter = reference_interpreter(model)
    given, found = (get()[0]["index"] for get in (interpreter.get_input_details, interpreter.get_output_details))
    results = []
    for frame in frames:
        interpreter.set_tensor(given, frame[None])
        interpreter.invoke()
        results.append(interpreter.get_tensor(found)[0].copy())
    return np.array(results)
