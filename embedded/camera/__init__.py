"""The OV7675 camera: the bytes it hands over, and the tables that make the network's input of them."""

from mirnet_packages import lazy_names

_HOME = {"Camera": "ov7675"}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
