"""MIRNet, the whole network: a restored photograph from a dark or noisy one (paper, section 3).

```
image --> conv 3x3 --> RRG 1 --> RRG 2 --> RRG 3 --> conv 3x3 --> + --> restored image
  |          shallow features                         residual    |
  +---------------------------------------------------------------+
```

The network learns only what to *add*: I_restored = I + R. Full resolution is kept throughout.

For a small board (preset `nano`) a fixed curve makes the picture brighter, and squares of pixels become channels:

```
image --> companding --> space-to-depth --> conv 3x3 --> RRG --> conv 3x3 --> depth-to-space --> + --> restored
                 |                                                                               |
                 +-------------------------------------------------------------------------------+
```
"""

from functools import cached_property

import keras
import numpy as np

from model.component import PRECISION, Maker
from model.config import MIRNetConfig, preset
from model.errors import ImageError, MirnetError
from model.hooks import HookPoint, call_site, visiting
from model.images.arrays import check_range
from model.images.companding import compand
from model.resampling import depth_to_space, space_to_depth
from model.rrg import RecursiveResidualGroup

__all__ = ["MIRNet"]

TO_LOAD = (
    "first import the class: `from model import MIRNet`; or let `model.zoo.load_network(weights=FILE)` read the file"
)
"""Kept in saved networks: where the class is not imported, Keras' error quotes them in full."""


@keras.saving.register_keras_serializable(package="mirnet")
class MIRNet(Maker, keras.Model):
    """The whole network.

    Args:
        config: Its shape; by default the authors' network.
        dtype: Precision, as of every Keras layer; by default float32, whatever a user's `keras.json` says.

    Call arguments:
        images: (batch, height, width, 3), RGB within [0, 1]; height and width multiples of `config.multiple`
            (`enhance` takes any size).

    Returns:
        Same shape, not clipped; values a little outside [0, 1] happen.

    Hook points: `input`, `shallow`, `rrg_1/...`, `residual`, `output`; with companding `companded`, with a stem
    `folded` and `folded_residual`; all of them in `hook_names`.

    A network that `net.save("net.keras")` has saved is read by `model.zoo.load_network(weights="net.keras")`, or by
    `keras.saving.load_model` in a program that has imported this class: Keras imports no class of others by itself.

    Examples:
        >>> net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
        >>> net(keras.ops.zeros((1, 32, 48, 3))).shape
        TensorShape([1, 32, 48, 3])

    Reference: https://arxiv.org/abs/2003.06792.
    """

    def __init__(self, config: MIRNetConfig | None = None, dtype=None, **kwargs):
        super().__init__(dtype=dtype or PRECISION, **kwargs)
        self.config = config = config or MIRNetConfig()
        self.style = config.style
        # One slope for the activation of every dual attention unit in the network, as in the authors' network.
        activation = self.activation_layer()
        self.shallow = self.conv(config.depth, config.channels, size=3)
        self.groups = [
            RecursiveResidualGroup(
                config.channels,
                config.blocks,
                config.streams,
                config.columns,
                config.skff_softmax,
                activation,
                **self.inherited,
            )
            for _ in range(config.groups)
        ]
        self.last = self.conv(config.channels, config.depth, size=3)
        self.built = True

    @classmethod
    def from_preset(cls, name: str, **kwargs) -> "MIRNet":
        """The network of a preset, with random weights.

        Raises:
            MirnetError: If there is no preset of that name.
        """
        return cls(preset(name), **kwargs)

    @cached_property
    def hook_names(self) -> tuple[str, ...]:
        """The full name of every hook point, in the order of execution."""
        # One run on a small black picture: TensorFlow takes five times as long to write down a graph for shapes alone.
        side = self.config.multiple * 2
        names: list[str] = []

        def note(name, tensor):
            names.append(name)
            return tensor

        with visiting(note):
            self(keras.ops.zeros((1, side, side, 3)))
        return tuple(names)

    def __dir__(self):
        # Keras reads all of these attributes when it saves or loads, and this one runs the network.
        return [name for name in super().__dir__() if name != "hook_names"]

    def __call__(self, images, *args, **kwargs):
        """Restores a batch of images, whose pixels and size are looked at first.

        While a graph is written down or a gradient is prepared there are no pixels to look at yet, and in a training
        (`training=True`) they were when the photos were read.

        Raises:
            ImageError: If the pixels are no floats within [0, 1].
            MirnetError: If the shape is another.
        """
        self._check(tuple(np.shape(images)))
        if not kwargs.get("training"):
            _check_pixels(images)
        return super().__call__(images, *args, **kwargs)

    def call(self, images):
        """Restores a batch of images."""
        images = HookPoint("input")(images)
        mu, stem = self.config.companding, self.config.stem
        base = HookPoint("companded")(compand(images, mu)) if mu else images
        if stem == 1:
            residual = self.residual(base)
        else:
            deep = HookPoint("folded")(space_to_depth(base, stem))  # (batch, height / stem, width / stem, depth)
            residual = depth_to_space(HookPoint("folded_residual")(self.residual(deep)), stem)
        residual = HookPoint("residual")(residual)  # (batch, height, width, 3)
        return HookPoint("output")(base + residual)

    def residual(self, images):
        """The residual that is added to images: all layers with weights; on a board, all that runs in the graph.

        Args:
            images: (batch, height / stem, width / stem, depth) after companding and space-to-depth, if there are any.

        Returns:
            Same shape.
        """
        features = HookPoint("shallow")(self.shallow(images))  # (batch, height / stem, width / stem, channels)
        for k, group in enumerate(self.groups, 1):
            with call_site(f"rrg_{k}"):
                features = group(features)
        return self.last(features)

    def _check(self, shape):
        if len(shape) != 4 or shape[-1] != 3:
            raise MirnetError(f"images must have the shape (batch, height, width, 3), not {tuple(shape)}")
        if 0 in shape:
            raise MirnetError(f"images must have at least one pixel, and the shape {tuple(shape)} has none")
        multiple = self.config.multiple
        if any(size is not None and size % multiple for size in shape[1:3]):
            raise MirnetError(
                f"height and width must be multiples of {multiple}, not {shape[1]} x {shape[2]}: "
                "use enhance(net, image), which pads, or crop the image"
            )

    def compute_output_shape(self, input_shape):
        """The shape of the result: that of the input."""
        return tuple(input_shape)

    def get_config(self):
        """What Keras needs to make this network again; and, for its error, what it needs before that."""
        return super().get_config() | {"config": self.config.to_dict(), "to_load": TO_LOAD}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the network from `get_config`'s answer."""
        numbers = {name: value for name, value in config.items() if name != "to_load"}
        return cls(**numbers | {"config": MIRNetConfig(**config["config"])})


def _check_pixels(images) -> None:
    """Refuses integers, and floats outside [0, 1]: the network would give numbers that mean nothing for them, too."""
    kind = keras.backend.standardize_dtype(getattr(images, "dtype", "float32"))
    if not keras.backend.is_float_dtype(kind):
        raise ImageError(
            f"images: the network takes floats within [0, 1], not {kind}; divide by 255, or use enhance(net, image) or "
            "run_with_cache(net, image), which take bytes 0..255"
        )
    if isinstance(images, keras.KerasTensor):  # a network being drawn up: there are no pixels yet
        return
    try:
        pixels = keras.ops.convert_to_numpy(images)
    except (NotImplementedError, TypeError, ValueError):  # inside a graph, each backend in its way: not known yet
        return
    check_range(pixels, "images")
