"""The rule of each tensor: the components once more, with rules instead of computations.

Every function here follows the `call` of its component line by line. It takes the names of its inputs (None if the
component is run alone and they are given from outside), and returns the name of its output. A tensor
between two hook points is called after the hook point and the layer that makes it: `body#first` is what the first of
the two convolutions gives whose result is `body`.
"""

from collections.abc import Callable, Sequence

import keras

from explain.cell.book import Book, Page
from explain.cell.rules.activation import Activation
from explain.cell.rules.companded import Companding
from explain.cell.rules.convolution import Convolution, Stacked
from explain.cell.rules.copies import DepthToSpace, Given, Same, SpaceToDepth
from explain.cell.rules.gates import Product, Sigmoid
from explain.cell.rules.pooling import MeanOverPicture, OverChannels
from explain.cell.rules.softmax import Softmax
from explain.cell.rules.sums import Sum
from explain.cell.rules.wiring_resizing import resizing
from model.attention import ChannelAttention, DualAttentionUnit, SpatialAttention
from model.contracts import call_sites
from model.errors import MirnetError
from model.mirnet import MIRNet
from model.mrb import MultiScaleResidualBlock
from model.resizing import Downsample, Upsample
from model.rrg import RecursiveResidualGroup
from model.skff import SKFF
from model.structure import MERGE, block_parts

__all__ = ["rules_of"]

Source = str | None
RESIDUAL = "a residual connection: the input, plus what the convolutions add"


def rules_of(net: keras.Layer) -> Book:
    """The book of rules of a network, or of a component run alone.

    Raises:
        MirnetError: If it is no part of a MIRNet.
    """
    book = Book()
    if isinstance(net, MIRNet):
        _mirnet(book.page(), net)
        return book
    if isinstance(net, SKFF):
        _skff(book.page(), net, [None] * net.streams)
        return book
    for kind, write in _ALONE.items():
        if isinstance(net, kind):
            write(book.page(), net, None)
            return book
    raise MirnetError(f"a {type(net).__name__} is no part of a MIRNet: give a MIRNet or one of its components")


def _entrance(page: Page, source: Source, end: str = "in") -> str:
    return page.add(end, Given(page.name(end)) if source is None else Same(source))


def _mirnet(page: Page, net: MIRNet) -> str:
    mu, stem = net.config.companding, net.config.stem
    base = page.add("input", Given("input", pixels=True))
    if mu:
        base = page.add("companded", Companding(base, mu))
    taken = page.add("folded", SpaceToDepth(base, stem)) if stem > 1 else base
    features = page.add("shallow", Convolution(net.shallow, (taken,)))
    for k, group in enumerate(net.groups, 1):
        features = _rrg(page.below(f"rrg_{k}"), group, features)
    residual = page.add("residual" if stem == 1 else "folded_residual", Convolution(net.last, (features,)))
    if stem > 1:
        residual = page.add("residual", DepthToSpace(residual, stem))
    return page.add("output", Sum((base, residual), ("I", "R"), "the restored picture: the picture plus the residual"))


def _rrg(page: Page, group: RecursiveResidualGroup, source: Source) -> str:
    start = refined = _entrance(page, source)
    for k, block in enumerate(group.chain, 1):
        refined = _mrb(page.below(f"mrb_{k}"), block, refined)
    conv = page.add("conv", Convolution(group.last, (refined,)))
    return page.add("out", Sum((start, conv), ("x", "r"), RESIDUAL))


def _mrb(page: Page, block: MultiScaleResidualBlock, source: Source) -> str:
    start = _entrance(page, source)
    layers, made = dict(call_sites(block)), {"in": start}
    for part in block_parts(block.streams, block.columns):
        own, layer, sources = page.below(part.name), layers[part.name], [made[source] for source in part.sources]
        made[part.name] = (
            _skff(own, layer, sources) if part.kind == "skff" else _ALONE[type(layer)](own, layer, *sources)
        )
    merged = made[f"{MERGE}/skff"]
    conv = page.add("conv", Convolution(block.last, (merged,)))
    return page.add("out", Sum((start, conv), ("x", "r"), RESIDUAL))


def _skff(page: Page, layer: SKFF, sources: Sequence[Source]) -> str:
    streams = [_entrance(page, source, f"stream_{k}") for k, source in enumerate(sources, 1)]
    letters = tuple(f"L_{k}" for k in range(1, len(streams) + 1))
    fused = page.add("fused", Sum(tuple(streams), letters, "fuse: the streams added up"))
    descriptor = page.add("descriptor", MeanOverPicture(fused))
    squeezed = page.inner("squeezed#squeeze", Convolution(layer.squeeze, (descriptor,)), layer.squeeze, descriptor)
    squeezed = page.add("squeezed", Activation(squeezed, layer.squeeze_activation))
    logits = page.add("logits", Stacked(layer.expand, squeezed))
    weights = page.add("weights", Softmax(layer, logits))
    weighted = [page.add(f"weighted_{k + 1}", Product(each, weights, stream=k)) for k, each in enumerate(streams)]
    letters = tuple(f"U_{k}" for k in range(1, len(streams) + 1))
    return page.add("out", Sum(tuple(weighted), letters, "select: the weighted streams added up"))


def _channel(page: Page, layer: ChannelAttention, source: Source) -> str:
    features = _entrance(page, source)
    descriptor = page.add("descriptor", MeanOverPicture(features))
    squeezed = page.inner("squeezed#squeeze", Convolution(layer.squeeze, (descriptor,)), layer.squeeze, descriptor)
    squeezed = page.add("squeezed", Activation(squeezed))
    logits = page.add("logits", Convolution(layer.excite, (squeezed,)))
    gate = page.add("gate", Sigmoid(logits))
    return page.add("out", Product(features, gate))


def _spatial(page: Page, layer: SpatialAttention, source: Source) -> str:
    features = _entrance(page, source)
    pooled = page.add("pooled", OverChannels(features))
    logits = page.add("logits", Convolution(layer.locate, (pooled,)))
    gate = page.add("gate", Sigmoid(logits))
    return page.add("out", Product(features, gate))


def _dau(page: Page, unit: DualAttentionUnit, source: Source) -> str:
    start = _entrance(page, source)
    first = page.inner("body#first", Convolution(unit.first, (start,)), unit.first, start)
    active = page.inner("body#activation", Activation(first, unit.activation), unit.activation, first)
    body = page.add("body", Convolution(unit.second, (active,)))
    spatial = _spatial(page.below("spatial"), unit.spatial, body)
    channel = _channel(page.below("channel"), unit.channel, body)
    fused = page.add("fused", Convolution(unit.merge, (spatial, channel), ("p", "q")))
    return page.add("out", Sum((start, fused), ("x", "r"), RESIDUAL))


_ALONE: dict[type, Callable[[Page, keras.Layer, Source], str]] = {
    RecursiveResidualGroup: _rrg,
    MultiScaleResidualBlock: _mrb,
    DualAttentionUnit: _dau,
    SpatialAttention: _spatial,
    ChannelAttention: _channel,
    Downsample: resizing,
    Upsample: resizing,
}
