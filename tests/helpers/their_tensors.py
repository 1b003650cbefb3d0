"""Weights of ours under the authors' names."""

import numpy as np

from model.weights.authors import reference_names

__all__ = ["their_tensors"]


def their_tensors(net) -> dict[str, np.ndarray]:
    """The network's weights as the authors would name and lay them out."""
    tensors = {}
    for name, target in reference_names(net):
        array = np.asarray(target)
        if array.shape == (1, 1, 1):
            array = array.reshape(1)
        elif not name.endswith("filt"):
            array = array.transpose(3, 2, 0, 1)
        tensors[name] = np.ascontiguousarray(array)
    return tensors
