"""The number of weights of each component, counted from the paper's architecture.

A shared layer counts once. n is always the number of input channels, `slope` the weights of an activation: 1 for
PReLU, 0 for the ReLU of the board's style.
"""

from collections.abc import Callable

from model.contracts.promise import Call, for_board

__all__ = ["COUNTS", "weights_of_call"]


def skff(n: int, streams: int = 3, slope: int = 1) -> int:
    """Squeeze to an eighth (at least 4), one slope, and for each stream back to n."""
    squeezed = max(n // 8, 4)
    return n * squeezed + slope + streams * squeezed * n


def channel_attention(n: int, use_bias: bool = False) -> int:
    """Squeeze to an eighth, and back."""
    squeezed = max(n // 8, 1)
    return 2 * n * squeezed + (squeezed + n if use_bias else 0)


def spatial_attention() -> int:
    """One 5x5 convolution of two maps."""
    return 5 * 5 * 2


def dual_attention(n: int, slope: int = 1) -> int:
    """Two 3x3 convolutions with one slope between, both attentions, a 1x1 convolution of 2n channels."""
    return 2 * 9 * n * n + slope + spatial_attention() + channel_attention(n) + 2 * n * n


def downsample(n: int, factor: int = 2, slope: int = 1) -> int:
    """Each step: 1x1, slope, 3x3, slope, 1x1 to 2n; shortcut 1x1 to 2n. The blur has no weights to learn."""
    if factor == 1:
        return 0
    return n * n + 9 * n * n + 2 * slope + 2 * n * n + 2 * n * n + downsample(2 * n, factor // 2, slope)


def upsample(n: int, factor: int = 2, slope: int = 1) -> int:
    """Each step: 1x1, slope, 3x3 (transposed, or plain for the board), slope, 1x1 to n/2; shortcut 1x1 to n/2."""
    if factor == 1:
        return 0
    return n * n + 9 * n * n + 2 * slope + 2 * (n * (n // 2)) + upsample(n // 2, factor // 2, slope)


def block(n: int, streams: int = 3, slope: int = 1) -> int:
    """One attention unit and one SKFF per stream, a resizing module per route, the rise, a 3x3 convolution."""
    widths = [n * 2**k for k in range(streams)]
    units = sum(dual_attention(width, slope) for width in widths) - (streams - 1) * slope  # one slope serves all units
    fusions = sum(skff(width, streams, slope) for width in widths)
    routes = sum(
        downsample(widths[k], 2 ** (j - k), slope) if k < j else upsample(widths[k], 2 ** (k - j), slope)
        for k in range(streams)
        for j in range(streams)
        if k != j
    )
    rise = sum(upsample(widths[k], 2**k, slope) for k in range(1, streams))
    return units + fusions + routes + rise + 9 * n * n


def group(n: int, blocks: int = 2, streams: int = 3, slope: int = 1) -> int:
    """The blocks (one slope serves the attention units of all) and a 3x3 convolution."""
    return blocks * (block(n, streams, slope) - slope) + slope + 9 * n * n


def network(n: int, groups: int = 3, blocks: int = 2, streams: int = 3, slope: int = 1, depth: int = 3) -> int:
    """The groups (one slope serves all) between a 3x3 convolution from `depth` to n channels and one back."""
    return groups * (group(n, blocks, streams, slope) - slope) + slope + 2 * 9 * depth * n


def _channels(call: Call) -> int:
    return call.features.shape[-1]


def _setting(call: Call, name: str, default):
    return getattr(call.component, name, default)


def _slope(call: Call) -> int:
    return 0 if for_board(call.component) else 1


def _of_network(call: Call) -> int:
    config = call.component.config
    return network(config.channels, config.groups, config.blocks, config.streams, _slope(call), config.depth)


def _of_group(call: Call) -> int:
    blocks = sum(name.startswith("mrb_") and name.count("/") == 1 and name.endswith("/in") for name in call.cache)
    return group(_channels(call), blocks or 2, _setting(call, "streams", 3), _slope(call))


COUNTS: dict[str, Callable[[Call], int]] = {
    "SKFF": lambda call: skff(_channels(call), len(call.inputs), _slope(call)),
    "ChannelAttention": lambda call: channel_attention(_channels(call), _setting(call, "use_bias", False)),
    "SpatialAttention": lambda call: spatial_attention(),
    "DualAttentionUnit": lambda call: dual_attention(_channels(call), _slope(call)),
    "Downsample": lambda call: downsample(_channels(call), _setting(call, "factor", 2), _slope(call)),
    "Upsample": lambda call: upsample(_channels(call), _setting(call, "factor", 2), _slope(call)),
    "MultiScaleResidualBlock": lambda call: block(_channels(call), _setting(call, "streams", 3), _slope(call)),
    "RecursiveResidualGroup": _of_group,
    "MIRNet": _of_network,
}


def weights_of_call(call: Call) -> int:
    """How many weights the component of this call should have."""
    return COUNTS[call.kind](call)
