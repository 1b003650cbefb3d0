"""The OV7675 camera: the bytes of its frames, and the look-up tables from them to the network's input."""

from mirnet_packages import lazy_names

_HOME = {"Camera": "ov7675"}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
