"""The multi-scale residual block: streams of several resolutions that exchange features (paper, section 3.1).

```
          column 1              exchange           column 2          merge
full      DAU ------------->  SKFF of all three -> DAU ------------> SKFF -> conv -> + input
half      down, DAU ------->  SKFF of all three -> DAU -> up ------>
quarter   down, down, DAU ->  SKFF of all three -> DAU -> up, up -->
```

Stream k works on `channels * 2**(k-1)` channels at 1 / 2**(k-1) of the size. In the exchange every stream is brought
to every resolution. The authors share layers: one dual attention unit serves all columns of its stream; SKFF 1
serves the exchange at full resolution and the merge; the resizing modules that lead into the lower streams serve
the exchange too.
"""

import keras

from model.attention import DualAttentionUnit
from model.component import Component
from model.errors import MirnetError
from model.hooks import HookPoint, call_site
from model.resizing import Downsample, Upsample
from model.skff import SKFF
from model.structure import exchange_place

__all__ = ["MultiScaleResidualBlock"]


@keras.saving.register_keras_serializable(package="mirnet")
class MultiScaleResidualBlock(Component):
    """Parallel streams with attention, exchange between them, merged and added to the input.

    Args:
        channels: Channels of the input, of the full-resolution stream and of the result.
        streams: Parallel resolutions, 2 to 4.
        columns: Dual attention units in a row in each stream, with an exchange before each but the first.
        softmax_over: What SKFF's softmax runs over, see `SKFF`.
        activation: The layer inside the dual attention units, see `DualAttentionUnit`.

    Call arguments:
        features: (batch, height, width, channels), height and width multiples of 2**(streams - 1).

    Returns:
        Same shape. With the last convolution zero, the input itself.

    Hook points: `in`; `column_1/down_2/...`, `column_1/dau_1/...`; `exchange/down_1_2/...` (from stream 1 to stream
    2), `exchange/up_3_1/...`, `exchange/skff_1/...`; `column_2/dau_1/...`; `merge/up_2/...`, `merge/skff/...`;
    `conv`, `out`. With more than two columns the later exchanges are `exchange_2`, `exchange_3`, ...

    Reference: https://arxiv.org/abs/2003.06792, section 3.1, "Multi-scale residual block".
    """

    settings = ("channels", "streams", "columns", "softmax_over")

    def __init__(
        self,
        channels: int,
        streams: int = 3,
        columns: int = 2,
        softmax_over: str = "streams",
        activation=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not 2 <= streams <= 4:
            raise MirnetError(f"streams must be 2, 3 or 4, not {streams!r}: each one halves the resolution")
        self.channels, self.streams = channels, streams
        self.columns, self.softmax_over = columns, softmax_over
        widths = [channels * 2**k for k in range(streams)]
        activation = activation if activation is not None else self.activation_layer()
        inherited = self.inherited
        self.units = [DualAttentionUnit(width, activation, **inherited) for width in widths]
        self.fusions = [SKFF(width, streams, softmax_over, **inherited) for width in widths]
        # resize["1_3"] brings stream 1 to the resolution and channels of stream 3.
        self.resize = {
            _route(k, j): (Downsample if k < j else Upsample)(widths[k - 1], 2 ** abs(k - j), **inherited)
            for k in range(1, streams + 1)
            for j in range(1, streams + 1)
            if k != j
        }
        self.rise = [Upsample(widths[k], 2**k, **inherited) for k in range(1, streams)]
        self.last = self.conv(channels, channels, size=3)

    def call(self, features):
        """Runs the columns with the exchanges between them, merges, and adds the input."""
        features = HookPoint("in")(features)
        streams = self.first_column(features)
        for column in range(2, self.columns + 1):
            with call_site(exchange_place(column - 1)):
                streams = self.exchange(streams)
            with call_site(f"column_{column}"):
                streams = [self.attend(k, stream) for k, stream in enumerate(streams, 1)]
        with call_site("merge"):
            merged = self.merge(streams)
        residual = HookPoint("conv")(self.last(merged))
        return HookPoint("out")(features + residual)

    def attend(self, k: int, features):
        """Stream `k` through its dual attention unit."""
        with call_site(f"dau_{k}"):
            return self.units[k - 1](features)

    def first_column(self, features) -> list:
        """Opens the streams: each lower one is the one above after its attention, at half the size."""
        with call_site("column_1"):
            streams = [self.attend(1, features)]
            for k in range(2, self.streams + 1):
                with call_site(f"down_{k}"):
                    halved = self.resize[_route(k - 1, k)](streams[-1])
                streams.append(self.attend(k, halved))
        return streams

    def exchange(self, streams) -> list:
        """Every stream gets all the others: one SKFF at each resolution, all reading the same streams."""
        exchanged = []
        for j in range(1, self.streams + 1):
            arrived = [self.bring(stream, k, j) for k, stream in enumerate(streams, 1)]
            with call_site(f"skff_{j}"):
                exchanged.append(self.fusions[j - 1](arrived))
        return exchanged

    def bring(self, stream, k: int, j: int):
        """Stream `k` at the resolution and with the channels of stream `j`."""
        if k == j:
            return stream
        with call_site(f"{'down' if k < j else 'up'}_{k}_{j}"):
            return self.resize[_route(k, j)](stream)

    def merge(self, streams):
        """All streams back at full resolution, fused into one."""
        arrived = [streams[0]]
        for k, (rise, stream) in enumerate(zip(self.rise, streams[1:], strict=True), 2):
            with call_site(f"up_{k}"):
                arrived.append(rise(stream))
        with call_site("skff"):
            return self.fusions[0](arrived)


def _route(k: int, j: int) -> str:
    # A string, since Keras saves the layers of a dictionary under their keys.
    return f"{k}_{j}"
