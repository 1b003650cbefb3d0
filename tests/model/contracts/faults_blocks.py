"""Faults in the block, the group and the network (see `faults_shared.py` for what the entries mean)."""

from keras import ops

from model import SKFF, DualAttentionUnit, HookPoint, call_site
from model.images.companding import compand
from model.resampling import depth_to_space, space_to_depth


def block(self, x, residual=lambda self, merged: self.last(merged), out=lambda x, change: x + change):
    """The block's call with other parts in it."""
    x = HookPoint("in")(x)
    streams = self.first_column(x)
    with call_site("exchange"):
        streams = self.exchange(streams)
    with call_site("column_2"):
        streams = [self.attend(k, stream) for k, stream in enumerate(streams, 1)]
    with call_site("merge"):
        merged = self.merge(streams)
    return HookPoint("out")(out(x, HookPoint("conv")(residual(self, merged))))


def group(self, x, chained=True, residual=lambda self, last: self.last(last), out=lambda x, change: x + change):
    """The group's call with other parts in it."""
    x = refined = HookPoint("in")(x)
    for k, part in enumerate(self.chain, 1):
        with call_site(f"mrb_{k}"):
            refined = part(refined if chained else x)
    return HookPoint("out")(out(x, HookPoint("conv")(residual(self, refined))))


def network(
    self,
    x,
    first=lambda self, x: self.shallow(x),
    link=lambda x: x,
    last=lambda self, x: self.last(x),
    out=lambda x, change: x + change,
):
    """The network's call with other parts in it."""
    x = HookPoint("input")(x)
    features = HookPoint("shallow")(first(self, x))
    for k, part in enumerate(self.groups, 1):
        with call_site(f"rrg_{k}"):
            features = part(link(features))
    return HookPoint("output")(out(x, HookPoint("residual")(last(self, features))))


def with_parts(function, **parts):
    return lambda cls: lambda self, x: function(self, x, **parts)


def lower_streams_before_attention(cls):
    def first_column(self, x):
        with call_site("column_1"):
            streams, carried = [self.attend(1, x)], x
            for k in range(2, self.streams + 1):
                with call_site(f"down_{k}"):
                    carried = self.resize[f"{k - 1}_{k}"](carried)
                streams.append(self.attend(k, carried))
        return streams

    return first_column


def exchange_with(order=lambda arrived: arrived, updated=False):
    """An exchange that takes its streams in another order, or that reads what it has exchanged already."""

    def plant(cls):
        def exchange(self, streams):
            streams, exchanged = list(streams), []
            for j in range(1, self.streams + 1):
                arrived = order([self.bring(stream, k, j) for k, stream in enumerate(streams, 1)])
                with call_site(f"skff_{j}"):
                    exchanged.append(self.fusions[j - 1](arrived))
                if updated:
                    streams[j - 1] = exchanged[-1]
            return exchanged

        return exchange

    return plant


def no_exchange(cls):
    def faulty(self, streams):
        exchange(self, streams)
        return streams

    exchange = cls.exchange
    return faulty


def merge_with(order=lambda arrived: arrived, fuse=lambda self, arrived: self.fusions[0](arrived)):
    def plant(cls):
        def merge(self, streams):
            arrived = [streams[0]]
            for k, (rise, stream) in enumerate(zip(self.rise, streams[1:], strict=True), 2):
                with call_site(f"up_{k}"):
                    arrived.append(rise(stream))
            with call_site("skff"):
                return fuse(self, order(arrived))

        return merge

    return plant


def own_fusion(self, arrived):
    return SKFF(self.channels, self.streams)(arrived)


def own_units(cls):
    """Each column has attention units of its own."""

    def attend(self, k, features):
        with call_site(f"dau_{k}"):
            return DualAttentionUnit(features.shape[-1], activation=self.units[0].activation)(features)

    return attend


def own_downsampling(cls):
    """The exchange has modules of its own where those of the first column should serve."""

    def bring(self, stream, k, j):
        if k == j:
            return stream
        module = self.resize[f"{k}_{j}"]
        with call_site(f"{'down' if k < j else 'up'}_{k}_{j}"):
            return type(module)(module.channels, module.factor)(stream)

    return bring


def separate_merge_fusion(cls):
    init = cls.__init__

    def faulty(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.last_fusion = SKFF(self.channels, self.streams)

    return faulty


def rectified(name):
    return lambda self, x: ops.relu(getattr(self, name)(x))


def no_input(x, change):
    return change


def clipped(x, change):
    return ops.clip(x + change, 0, 1)


def own_space_to_depth(rearrange):
    """A network of the board's style with another space-to-depth."""

    def plant(cls):
        def call(self, images):
            base = HookPoint("companded")(compand(HookPoint("input")(images), self.config.companding))
            folded = HookPoint("folded")(rearrange(base, self.config.stem))
            deep = HookPoint("folded_residual")(self.residual(folded))
            residual = HookPoint("residual")(depth_to_space(deep, self.config.stem))
            return HookPoint("output")(base + residual)

        return call

    return plant


def columns_first(images, factor):
    return ops.swapaxes(space_to_depth(ops.swapaxes(images, 1, 2), factor), 1, 2)


def left_dark(cls):
    def call(self, images):
        return HookPoint("companded")(HookPoint("input")(images))

    return call


MRB, RRG, NET = "model.mrb.MultiScaleResidualBlock", "model.rrg.RecursiveResidualGroup", "model.mirnet.MIRNet"
KINDS = "MultiScaleResidualBlock", "RecursiveResidualGroup", "MIRNet"

FAULTS = [
    (KINDS[2], "companding", "the photo is as it was", f"{NET}.call", left_dark),
    (KINDS[2], "space-to-depth", "rows and columns", f"{NET}.call", own_space_to_depth(columns_first)),
    (
        KINDS[0],
        "first column",
        "column_1/down_2/in should be column_1/dau_1/out, but is in",
        f"{MRB}.first_column",
        lower_streams_before_attention,
    ),
    (KINDS[0], "exchange", "but is exchange/skff_1/out", f"{MRB}.exchange", exchange_with(updated=True)),
    (
        KINDS[0],
        "exchange",
        "skff_1/stream_1 should be column_1/dau_1/out, but is exchange/up_3_1/out",
        f"{MRB}.exchange",
        exchange_with(lambda arrived: arrived[::-1]),
    ),
    (
        KINDS[0],
        "next column",
        "column_2/dau_1/in should be exchange/skff_1/out, but is column_1/dau_1/out",
        f"{MRB}.exchange",
        no_exchange,
    ),
    (
        KINDS[0],
        "merge",
        "merge/skff/stream_2 should be merge/up_2/out, but is merge/up_3/out",
        f"{MRB}.merge",
        merge_with(lambda arrived: [arrived[0], arrived[2], arrived[2]]),
    ),
    (
        KINDS[0],
        "merge",
        "should be column_2/dau_1/out, but is merge/up_3/out",
        f"{MRB}.merge",
        merge_with(lambda arrived: arrived[::-1]),
    ),
    (
        KINDS[0],
        "shared layers",
        "merge/skff does not compute with the layer that it should share",
        f"{MRB}.merge",
        merge_with(fuse=own_fusion),
    ),
    (KINDS[0], "shared layers", "dau_1 does not compute with the layer", f"{MRB}.attend", own_units),
    (KINDS[0], "shared layers", "exchange/down_1_2 does not compute with the layer", f"{MRB}.bring", own_downsampling),
    (KINDS[0], "number of parameters", "separate that should be shared", f"{MRB}.__init__", separate_merge_fusion),
    (KINDS[0], "last convolution", "ReLU follows", f"{MRB}.call", with_parts(block, residual=rectified("last"))),
    (KINDS[0], "input added", "in is not added", f"{MRB}.call", with_parts(block, out=no_input)),
    (KINDS[0], "zero is identity", "is it added", f"{MRB}.call", with_parts(block, out=no_input)),
    (
        KINDS[1],
        "chain of blocks",
        "mrb_2/in should be mrb_1/out, but is in",
        f"{RRG}.call",
        with_parts(group, chained=False),
    ),
    (KINDS[1], "last convolution", "ReLU follows", f"{RRG}.call", with_parts(group, residual=rectified("last"))),
    (KINDS[1], "input added", "added twice", f"{RRG}.call", with_parts(group, out=lambda x, change: 2 * x + change)),
    (KINDS[1], "zero is identity", "is it added", f"{RRG}.call", with_parts(group, out=no_input)),
    (KINDS[2], "shallow features", "ReLU follows", f"{NET}.call", with_parts(network, first=rectified("shallow"))),
    (KINDS[2], "chain of groups", "computed in between", f"{NET}.call", with_parts(network, link=ops.relu)),
    (KINDS[2], "residual", "ReLU follows", f"{NET}.call", with_parts(network, last=rectified("last"))),
    (KINDS[2], "photo added", "clipped", f"{NET}.call", with_parts(network, out=clipped)),
    (KINDS[2], "photo added", "input is not added", f"{NET}.call", with_parts(network, out=no_input)),
    (KINDS[2], "zero is identity", "is it added", f"{NET}.call", with_parts(network, out=no_input)),
]
