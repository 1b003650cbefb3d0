"""From an int8 graph to C: one call per operator, constants in flash, one arena."""

from mirnet_packages import lazy_names

_HOME = {"kernels": "generate"}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
