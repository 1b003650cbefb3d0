"""What the board runs: the int8 side of MIRNet, from the conversion to an emulation of the board, byte for byte.

Names are loaded when first used: `import embedded` alone imports nothing heavier, and the emulator never needs
TensorFlow.
"""

from importlib import import_module

_HOME = {
    "BOARDS": "budget.boards",
    "BoardLimits": "budget.boards",
    "Camera": "camera.ov7675",
    "EmulatedBoard": "cortexm.unicorn_board",
    "Emulator": "emulator",
    "Fit": "budget.fit",
    "Graph": "tflite.graph",
    "HookMap": "tflite.hook_map",
    "ModelFileError": "tflite.graph",
    "PixelTables": "camera.pixel_tables",
    "Plan": "memory.plan",
    "float_model": "quantize.convert",
    "generate": "codegen.generate",
    "make_plan": "memory.plan",
    "read_graph": "tflite.graph",
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
