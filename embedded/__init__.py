"""What the board runs: the int8 side of MIRNet, from the conversion to an emulation of the board, byte for byte.

Names are loaded when first used: `import embedded` alone imports nothing heavier, and the emulator never needs
TensorFlow.
"""

from importlib import import_module

_HOME = {
    "BOARDS": "board",
    "BoardLimits": "board",
    "Camera": "camera",
    "EmulatedBoard": "cortexm",
    "Emulator": "emulator",
    "Fit": "fit",
    "Graph": "graph",
    "HookMap": "hookmap",
    "ModelFileError": "graph",
    "PixelTables": "tables",
    "Plan": "plan",
    "float_model": "convert",
    "generate": "codegen",
    "make_plan": "plan",
    "read_graph": "graph",
}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'embedded' has no attribute {name!r}")
    value = getattr(import_module(f"embedded.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
