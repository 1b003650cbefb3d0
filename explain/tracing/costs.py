"""Cost of a component: parameters, multiply-accumulates (MACs) and activation memory, counted without running it.

- **Parameters** are the numbers that training learns. A 3x3 convolution from 64 to 64 channels has 3*3*64*64 = 36,864
  of them. MIRNet calls many layers at several call sites; their parameters exist once, and count where the layer is
  called first.
- **MACs** (multiply-accumulates, `sum += weight * value`) are the work, and a layer works anew at every call: that
  convolution does its 36,864 MACs at each of the 256x256 pixels, 2.4 billion in all. Counted as the authors' numbers
  are: convolutions at every output position, transposed convolutions at every input position, and dense layers.
  Additions, averages, activations and gates are left out, as is customary. The fixed blur of the downsampling module
  has no weights to learn and is counted apart, in `fixed_macs`. One MAC is two floating-point operations.
- **Activations** are the intermediate tensors, 4 bytes a value in float32. `activation_bytes` adds up every tensor
  that leaves a layer or passes a hook point. Training has to keep about that much for the backward pass; a forward
  pass frees most of it early and peaks far below.

```python
whole = cost(net, (256, 256))
whole.macs                                     # 479,435,919,360 for the paper's network
whole.at("rrg_1/mrb_1/merge/skff").parameters  # 0: shared with the exchange, which comes first
```
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import singledispatch
from typing import cast

import keras

from explain.tracing.calls import LayerCall, Shape, layer_calls
from model.errors import HookError, MirnetError
from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock
from model.resampling import BLUR_KERNEL
from model.resizing import Downsample, DownsampleStep
from model.rrg import RecursiveResidualGroup
from model.skff import SKFF

__all__ = ["Cost", "cost", "fixed_macs_of", "macs_of"]

BYTES = 4
"""Of a float32."""


@dataclass(frozen=True)
class Cost:
    """What one call of a component costs, everything inside included, for a batch of one.

    Attributes:
        site: The call site, as in the hook points' names; `""` for the whole. Layers without a call site of their own
            have the name of their attribute: `rrg_1/mrb_1/column_1/dau_1/first`.
        kind: What is called there: `"DualAttentionUnit"`, `"Conv2D 3x3"`; `""` for a site that only gathers others.
        parameters: Learned weights that are called here for the first time.
        shared_with: Where the same layer was called first, if this is a later call.
        macs: Multiply-accumulates with learned weights.
        fixed_macs: Multiply-accumulates with fixed weights (the blur).
        activation_bytes: Bytes of all tensors made inside, in float32.
        inputs: Shapes of the input tensors; empty for a gathering site.
        outputs: Shapes of the output tensors.
        children: The calls inside, in the order of execution.
    """

    site: str
    kind: str
    parameters: int
    shared_with: str | None
    macs: int
    fixed_macs: int
    activation_bytes: int
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    children: tuple["Cost", ...]

    @property
    def name(self) -> str:
        """The last part of the site."""
        return self.site.rpartition("/")[2]

    def walk(self) -> Iterator["Cost"]:
        """This one and all inside, in the order of execution."""
        yield self
        for child in self.children:
            yield from child.walk()

    def at(self, site: str) -> "Cost":
        """The cost at one call site.

        Raises:
            HookError: If there is no such site, with the nearest names.
        """
        by_site = {found.site: found for found in self.walk()}
        if site not in by_site:
            near = get_close_matches(site, list(by_site), n=3, cutoff=0.3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise HookError(f"{site!r} is not a call site of this {self.kind}{hint}")
        return by_site[site]


def cost(component: keras.Layer, size: tuple[int, int], channels: int | None = None) -> Cost:
    """Counts what a network, or one component alone, costs on an input of a given size.

    It takes about two seconds for the paper's network, whatever the size, and no memory to speak of.

    Args:
        component: A `MIRNet` or any component.
        size: Height and width of the input, in pixels.
        channels: Channels of the input; needed only where the component does not say, as `SpatialAttention`.

    Returns:
        The cost of the whole, with that of every call inside in `children`.

    Raises:
        MirnetError: If the component does not take that size, or has a layer whose MACs cannot be counted.
    """
    height, width = _checked(component, size)
    shape = (1, height, width, _channels(component, channels))
    count = component.streams if isinstance(component, SKFF) else 1
    return _Counter().count(layer_calls(component, *[shape] * count))


class _Counter:
    """Turns calls into costs, and remembers which layers and weights have been met."""

    def __init__(self):
        self._weights: set[int] = set()
        self._sites: dict[int, str] = {}

    def count(self, call: LayerCall) -> Cost:
        known = self._sites.get(id(call.layer))
        if call.layer is not None:
            self._sites.setdefault(id(call.layer), call.site)
        children = tuple(self.count(child) for child in call.children)
        return Cost(
            site=call.site,
            kind=_kind(call.layer),
            parameters=self._new_weights(call.layer) + sum(child.parameters for child in children),
            shared_with=known,
            macs=macs_of(call.layer, call) + sum(child.macs for child in children),
            fixed_macs=fixed_macs_of(call.layer, call) + sum(child.fixed_macs for child in children),
            activation_bytes=BYTES * call.made + sum(child.activation_bytes for child in children),
            inputs=call.inputs,
            outputs=call.outputs,
            children=children,
        )

    def _new_weights(self, layer: keras.Layer | None) -> int:
        """Weights that neither an earlier call nor one inside has counted."""
        new = [weight for weight in (layer.weights if layer is not None else ()) if id(weight) not in self._weights]
        self._weights.update(id(weight) for weight in new)
        return sum(math.prod(weight.shape) for weight in new)


@singledispatch
def macs_of(layer, call: LayerCall) -> int:
    """MACs that a layer does itself, beside those of the layers inside it.

    A new kind of layer with a kernel needs a rule: `@macs_of.register(TheLayer)`.
    """
    if hasattr(layer, "kernel"):
        raise MirnetError(
            f"cannot count the MACs of a {type(layer).__name__}: add a rule with explain.tracing.costs.macs_of.register"
        )
    return 0


@macs_of.register(keras.layers.Conv1D)
@macs_of.register(keras.layers.Conv2D)
@macs_of.register(keras.layers.DepthwiseConv2D)
@macs_of.register(keras.layers.Dense)
def _at_every_output(layer, call: LayerCall) -> int:
    # The kernel has all the products that make the channels of one output position.
    return sum(math.prod(shape[:-1]) for shape in call.outputs) * math.prod(layer.kernel.shape)


@macs_of.register(keras.layers.Conv2DTranspose)
def _at_every_input(layer, call: LayerCall) -> int:
    # Each input position stamps the whole kernel, times its value, onto the output.
    return sum(math.prod(shape[:-1]) for shape in call.inputs) * math.prod(layer.kernel.shape)


@singledispatch
def fixed_macs_of(layer, call: LayerCall) -> int:
    """MACs with weights that are not learned, done by the component itself and not by a layer inside it."""
    return 0


@fixed_macs_of.register
def _blur(step: DownsampleStep, call: LayerCall) -> int:
    # Both branches blur the input channels, and keep every second row and column.
    batch, height, width, _ = call.outputs[0]
    return 2 * batch * height * width * call.inputs[0][-1] * BLUR_KERNEL.size


def _kind(layer: keras.Layer | None) -> str:
    if layer is None:
        return ""
    size = getattr(layer, "kernel_size", None)
    return type(layer).__name__ + (f" {'x'.join(map(str, size))}" if size else "")


def _checked(component: keras.Layer, size) -> tuple[int, int]:
    try:
        height, width = (int(length) for length in size)
        integers = (height, width) == tuple(size)
    except (TypeError, ValueError):
        integers = False
    if not integers or min(height, width) < 1:
        raise MirnetError(f"size must be two integers of pixels, height and width, not {size!r}")
    multiple = _multiple(component)
    if height % multiple or width % multiple:
        raise MirnetError(
            f"height and width must be multiples of {multiple} for this {type(component).__name__}, "
            f"not {height} x {width}"
        )
    return height, width


def _multiple(component: keras.Layer) -> int:
    """What height and width have to be multiples of."""
    match component:
        case MIRNet():
            return component.config.multiple
        case MultiScaleResidualBlock() | RecursiveResidualGroup():
            return 2 ** (component.streams - 1)
        case Downsample():
            return component.factor
        case _:
            return 1


def _channels(component: keras.Layer, channels: int | None) -> int:
    known = 3 if isinstance(component, MIRNet) else getattr(component, "channels", None)
    if channels is not None and known not in (None, channels):
        raise MirnetError(f"this {type(component).__name__} takes {known} channels, not {channels}")
    if (known or channels or 0) < 1:
        raise MirnetError(
            f"channels must be given for a {type(component).__name__}, at least 1: it takes any number of them"
        )
    return cast(int, known or channels)
