"""The errors that a user can cause and can mend.

```
ValueError
└── MirnetError          anything below; the command line prints it as one line and exits with code 2
    ├── ImageError       a picture that cannot be read or written
    ├── WeightsError     weights that do not fit the network they are for
    └── HookError        a hook point that the network does not have
```

They are `ValueError`s, so that code that knows nothing of this project still catches them. Importing this module
imports nothing else.
"""

__all__ = ["HookError", "ImageError", "MirnetError", "WeightsError"]


class MirnetError(ValueError):
    """Something the user gave does not fit; the message says what, which rule it breaks, and how to mend it."""


class ImageError(MirnetError):
    """A picture that cannot be read or written."""


class WeightsError(MirnetError):
    """Weights that are missing, of the wrong shape, not finite, or for another network."""


class HookError(MirnetError):
    """A hook point that the network does not have."""
