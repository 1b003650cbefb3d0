"""Loads weights that are saved under the names of the authors' PyTorch network.

Their `state_dict` is a flat mapping such as `body.0.body.1.blocks.2.0.SA.spatial.conv.weight`. The tables below say
which of our variables each name means. Several names may mean one variable, since the authors share modules too
(`blocks.2.0...` and `blocks.2.1...` are one object); any one of them is enough, and if more are there they must agree.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model.attention import ChannelAttention, DualAttentionUnit, SpatialAttention
from model.errors import WeightsError
from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock
from model.resampling import BLUR_KERNEL
from model.resizing import Downsample, DownsampleStep, Upsample, UpsampleStep
from model.rrg import RecursiveResidualGroup
from model.skff import SKFF
from model.weights.tensor_files import of_one_network, read_tensors

__all__ = ["load_reference", "read_tensors", "reference_names"]

Names = Iterator[tuple[str, keras.Variable | np.ndarray]]
"""Pairs of an authors' name and what it means: a variable, or a constant of the architecture (the blur filter)."""


def load_reference(component: keras.Layer, tensors: Mapping[str, np.ndarray] | str | Path) -> None:
    """Sets the weights of a component, or of a whole network, to the authors'.

    Args:
        component: Any of the components, or a `MIRNet`.
        tensors: Arrays under the authors' `state_dict` names (for a component, relative to it), in PyTorch's layout,
            with or without the keys of a checkpoint before them; or the path of a `.npz`, `.safetensors` or `.pth`
            file that holds them.

    Raises:
        WeightsError: If a name is missing or unknown, or a shape differs, or a value is not finite. The message
            lists what differs, and the component keeps the weights it had.
    """
    if isinstance(tensors, str | Path):
        tensors = read_tensors(Path(tensors))
    names = list(reference_names(component))
    given = of_one_network({name: np.asarray(value) for name, value in tensors.items()}, names[0][0])
    assignments, problems = _match(names, given)
    if problems:
        shown = problems[:20] + [f"... and {len(problems) - 20} more"] * (len(problems) > 20)
        raise WeightsError(
            f"these weights do not fit this {type(component).__name__}, nothing was changed:\n  " + "\n  ".join(shown)
        )
    for variable, value in assignments:
        variable.assign(value)


def _match(names, given: dict[str, np.ndarray]) -> tuple[list[tuple[keras.Variable, np.ndarray]], list[str]]:
    """What to assign to what, and everything that keeps it from fitting."""
    problems = [f"unknown name: {name}" for name in sorted(given.keys() - {name for name, _ in names})]
    aliases: dict[int, list[str]] = {}
    targets: dict[int, keras.Variable] = {}
    for name, target in names:
        if isinstance(target, np.ndarray):
            problems += _constant_problems(name, target, given.get(name))
        else:
            aliases.setdefault(id(target), []).append(name)
            targets[id(target)] = target
    assignments = []
    for key, variable in targets.items():
        present = [name for name in aliases[key] if name in given]
        if not present:
            problems.append(f"missing name: {aliases[key][0]}")
            continue
        value, trouble = _converted(variable, present, given)
        problems += trouble
        assignments.append((variable, value))
    return assignments, problems


def _converted(variable, names: list[str], given) -> tuple[np.ndarray, list[str]]:
    value = given[names[0]]
    problems = [
        f"{name} differs from {names[0]}, but in this network they are one and the same"
        for name in names[1:]
        if not np.array_equal(given[name], value)
    ]
    # PyTorch keeps kernels as (out, in, height, width), and a transposed convolution's as (in, out, height, width).
    # The same permutation gives Keras' (height, width, in, out) and (height, width, out, in).
    ours = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
    if value.ndim == 1 and len(variable.shape) == 3 and value.shape == (1,):
        ours = value.reshape(1, 1, 1)  # the single slope of a PReLU
    if ours.shape != tuple(variable.shape):
        return value, [
            *problems,
            f"{names[0]} has the shape {value.shape}, which does not fit ours {variable.shape}",
        ]
    if ours.dtype.kind not in "fiu" and ours.dtype.name != "bfloat16":
        return value, [*problems, f"{names[0]} holds no real numbers but {ours.dtype.name}"]
    with np.errstate(over="ignore"):  # a number too large for float32 is told below
        ours = ours.astype("float32")
    if not np.isfinite(ours).all():
        problems.append(f"{names[0]} has {np.count_nonzero(~np.isfinite(ours))} values that are not finite numbers")
    return ours, problems


def _constant_problems(name: str, constant: np.ndarray, value: np.ndarray | None) -> list[str]:
    """The blur filter has no freedom: left out it is understood, given it must be ours."""
    if value is None or (value.shape == constant.shape and np.allclose(value, constant, atol=1e-6)):
        return []
    return [f"{name} is not the binomial blur filter {constant.shape} that this network is built with"]


def reference_names(component) -> Names:
    """Every authors' name for this component, with the variable (or constant) it means.

    Raises:
        WeightsError: If the component is none of MIRNet's, or not in the paper's style.
    """
    if (style := getattr(component, "style", "paper")) != "paper":
        raise WeightsError(f"the authors' names are known for the style paper, not for {style}")
    for name, part in _parts(component):
        if isinstance(part, keras.layers.Layer):
            yield from ((f"{name}.{below}", target) for below, target in reference_names(part))
        else:
            yield name, part


def _parts(component) -> Iterator[tuple[str, Any]]:
    """The authors' names of a component's own weights, and of the components in it."""
    match component:
        case SKFF():
            yield "conv_du.0.weight", component.squeeze.kernel
            yield "conv_du.1.weight", component.squeeze_activation.alpha
            yield from ((f"fcs.{k}.weight", expand.kernel) for k, expand in enumerate(component.expand))
        case ChannelAttention():
            for k, layer in ((0, component.squeeze), (2, component.excite)):
                yield f"conv_du.{k}.weight", layer.kernel
                if component.use_bias:
                    yield f"conv_du.{k}.bias", layer.bias
        case SpatialAttention():
            yield "spatial.conv.weight", component.locate.kernel
        case DualAttentionUnit():
            yield "body.0.weight", component.first.kernel
            yield "body.1.weight", component.activation.alpha
            yield "body.2.weight", component.second.kernel
            yield from (("SA", component.spatial), ("CA", component.channel))
            yield "conv1x1.weight", component.merge.kernel
        case DownsampleStep():
            blur = np.tile(BLUR_KERNEL, (component.enter.kernel.shape[-1], 1, 1, 1))
            yield from _branches(component, component.filter, component.filter_activation)
            yield from (("top.4.filt", blur), ("top.5.weight", component.widen.kernel), ("bot.0.filt", blur))
        case UpsampleStep():
            yield from _branches(component, component.enlarge, component.enlarge_activation)
            yield "top.4.weight", component.narrow.kernel
        case Downsample() | Upsample():
            yield from ((f"body.{k}", step) for k, step in enumerate(component.steps))
        case MultiScaleResidualBlock():
            yield from _parts_of_block(component)
        case RecursiveResidualGroup():
            yield from ((f"body.{k}", block) for k, block in enumerate(component.chain))
            yield f"body.{component.blocks}.weight", component.last.kernel
        case MIRNet():
            yield "conv_in.weight", component.shallow.kernel
            yield from ((f"body.{k}", group) for k, group in enumerate(component.groups))
            yield "conv_out.weight", component.last.kernel
        case _:
            kind = type(component).__name__
            raise WeightsError(f"the authors' names are known for MIRNet and its components, not for {kind}")


def _branches(step, middle, middle_activation) -> Iterator[tuple[str, Any]]:
    yield "top.0.weight", step.enter.kernel
    yield "top.1.weight", step.enter_activation.alpha
    yield "top.2.weight", middle.kernel
    yield "top.3.weight", middle_activation.alpha
    yield "bot.1.weight", step.shortcut.kernel


def _parts_of_block(block: MultiScaleResidualBlock) -> Iterator[tuple[str, Any]]:
    for k, unit in enumerate(block.units):
        yield from ((f"blocks.{k}.{column}", unit) for column in range(block.columns))
    yield from ((f"last_up.{k}", module) for k, module in enumerate(block.rise, 1))
    for module in block.resize.values():
        kind = "down" if isinstance(module, Downsample) else "up"
        yield f"{kind}.{module.channels}_{module.factor}", module
    yield from ((f"selective_kernel.{k}", fusion) for k, fusion in enumerate(block.fusions))
    yield "conv_out.weight", block.last.kernel
