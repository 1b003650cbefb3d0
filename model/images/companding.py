"""Companding: a curve that spreads the dark levels of a picture before an int8 network.

The camera gives 256 levels, and a dark picture uses the lowest thirty. The μ-law of telephony,
log(1 + μx) / log(1 + μ), gives the lowest levels the most room and keeps 0 and 1 where they are; on the board it is a
table of 256 entries.

Reference: ITU-T G.711 (https://www.itu.int/rec/T-REC-G.711) has the same curve for sound, in straight pieces.
"""

import math

from keras import ops

__all__ = ["compand"]


def compand(images, mu: float):
    """The picture after the curve.

    Args:
        images: Values within [0, 1], any shape. Below 0 the curve is a straight line.
        mu: How much the dark is spread: the slope at 0 is mu / log(1 + mu). Above 0.

    Returns:
        Same shape, within [0, 1].
    """
    dark = ops.minimum(images, 0) * mu
    return (ops.log1p(mu * ops.maximum(images, 0)) + dark) / math.log1p(mu)
