"""Lesson 5"s unit step by step, and what comes out of wrong ones."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from lessons.checks.kit import Either
from model.contracts.formulas import convolution, prelu, relu, sigmoid

__all__ = ["unit_stages", "wrong_units"]


def unit_stages(x: np.ndarray, w: SimpleNamespace) -> dict[str, Any]:
    """The right steps of the unit."""

    def conv(values, kernel):
        return convolution(values[None], kernel)[0]

    first = conv(x, w.first)
    active = prelu(first, w.slope)
    body = conv(active, w.second)
    maps = np.stack([body.max(-1), body.mean(-1)], axis=-1)
    by_pixel = body * sigmoid(conv(maps, w.locate))
    by_channel = body * sigmoid(relu(body.mean((0, 1)) @ w.squeeze) @ w.excite)
    both = np.concatenate([by_pixel, by_channel], axis=-1)
    return {
        "the first convolution": first,
        "its PReLU": active,
        "the second convolution, the body": body,
        "the body times its spatial gate": by_pixel,
        "the body times its channel gate": by_channel,
        "both, side by side": both,
        "the merge": conv(both, w.merge),
    }


def wrong_units(x: np.ndarray, w: SimpleNamespace) -> dict[str, Any]:
    """Outputs of units that are put together wrongly."""

    def conv(values, kernel):
        return convolution(values[None], kernel)[0]

    def proposed(activation):
        return conv(activation(conv(x, w.first)), w.second)

    def by_pixel(values, seen=None):
        seen = values if seen is None else seen
        maps = np.stack([seen.max(-1), seen.mean(-1)], axis=-1)
        return values * sigmoid(conv(maps, w.locate))

    def by_channel(values, seen=None):
        mean = (values if seen is None else seen).mean((0, 1))
        return values * sigmoid(relu(mean @ w.squeeze) @ w.excite)

    def merged(*pair):
        return conv(np.concatenate(pair, axis=-1), w.merge)

    def unit(body):
        return x + merged(by_pixel(body), by_channel(body))

    body = proposed(lambda z: prelu(z, w.slope))
    gated = by_pixel(body), by_channel(body)
    return {
        "the input is not added at the end.": merged(*gated),
        "the body is added, not the input.": body + merged(*gated),
        "the order is swapped: the spatial half comes first, as `merge` was trained.": x + merged(*gated[::-1]),
        "this is a ReLU; PReLU multiplies negative values by its slope.": unit(proposed(relu)),
        "the PReLU between the convolutions is missing.": unit(proposed(lambda z: z)),
        "another PReLU follows the second convolution.": unit(prelu(body, w.slope)),
        "the attentions are sequential: the output of the spatial gate is the input of channel attention. "
        "Dual means in parallel: the input of both is the body.": x + merged(gated[0], by_channel(gated[0])),
        "the attentions are sequential: the output of the channel gate is the input of spatial attention. "
        "Dual means in parallel: the input of both is the body.": x + merged(by_pixel(gated[1]), gated[1]),
        "the gates are computed from the input, not from the body.": x + merged(by_pixel(body, x), by_channel(body, x)),
        "attention is applied to the input: the body is missing.": unit(x),
        "the inputs of the merge are not gated.": x + merged(body, body),
        "the input is added twice.": 2 * x + merged(*gated),
        "the slope is always 0.25, its initial value: take the learned one, `weights.slope`.": unit(
            proposed(lambda z: prelu(z, 0.25))
        ),
        "the two convolutions of the body are swapped.": unit(conv(prelu(conv(x, w.second), w.slope), w.first)),
        "the gates multiply the input; they multiply the body.": x + merged(by_pixel(x, body), by_channel(x, body)),
        "both halves of the merge are the same; one has the spatial gate, the other the channel gate.": Either(
            x + merged(gated[0], gated[0]), x + merged(gated[1], gated[1])
        ),
        "the input is added to the gated features and not at the end.": merged(x + gated[0], x + gated[1]),
    }
