"""The name of the network that the page is about.

The processes of the page learn it from their environment, so that a container can set it as well:

```
MIRNET_APP_WEIGHTS=my-run     as `--weights`
MIRNET_APP_PRESET=1x1         as `--preset`
```
"""

import os
from collections.abc import Mapping

__all__ = ["DESK", "PRESET_VARIABLE", "WEIGHTS_VARIABLE", "NetworkName", "named"]

DESK = "desk"
WEIGHTS_VARIABLE, PRESET_VARIABLE = "MIRNET_APP_WEIGHTS", "MIRNET_APP_PRESET"

NetworkName = tuple[str | None, str | None]
"""Preset and weights, as `model.zoo.load_network` takes them."""


def named(given: Mapping[str, str] | None = None) -> NetworkName:
    """The name of the page's network, from the environment."""
    given = os.environ if given is None else given
    weights, size = given.get(WEIGHTS_VARIABLE) or None, given.get(PRESET_VARIABLE) or None
    # One name for one network: what was computed is found by it.
    return (DESK, None) if size in (None, DESK) and weights in (None, DESK) else (size, weights)
