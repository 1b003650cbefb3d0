"""Errors that a user can cause and can fix.

```
ValueError
└── MirnetError          anything below; the command line prints it as one line and exits with code 2
    ├── ImageError       a picture that cannot be read or written
    │   └── TooManyPixelsError   a picture that is larger than was asked for
    ├── WeightsError     weights that do not fit the network they are for
    └── HookError        a hook point that the network does not have
```

They are `ValueError`s, so that code that knows nothing of this project still catches them. Importing this module
imports nothing else.
"""

__all__ = ["HookError", "ImageError", "MirnetError", "TooManyPixelsError", "WeightsError"]


class MirnetError(ValueError):
    """Something the user gave does not fit; the message says what, which rule it breaks, and what to do."""


class ImageError(MirnetError):
    """A picture that cannot be read or written."""


class TooManyPixelsError(ImageError):
    """A picture with more pixels than whoever reads it allows.

    Attributes:
        width: In pixels, as its header says.
        height: In pixels.
    """

    def __init__(self, message: str, width: int, height: int):
        super().__init__(message)
        self.width, self.height = width, height


class WeightsError(MirnetError):
    """Weights that are missing, of the wrong shape, not finite, or for another network."""


class HookError(MirnetError):
    """A hook point that the network does not have."""
