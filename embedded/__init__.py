"""The int8 side of MIRNet: conversion, quantization, generated C, and an emulation of the board, byte for byte.

Names are loaded when first used: `import embedded` alone imports nothing heavier, and the emulator never needs
TensorFlow.
"""

from mirnet_packages import lazy_names

_HOME = {
    "BOARDS": "budget.boards",
    "BoardLimits": "budget.boards",
    "Camera": "camera.ov7675",
    "EmulatedBoard": "cortexm.unicorn_board",
    "Emulator": "emulator",
    "Fit": "budget.fit",
    "Graph": "tflite.graph",
    "HookMap": "tflite.hook_map",
    "ModelFileError": "tflite.graph_file",
    "PixelTables": "camera.pixel_tables",
    "Plan": "memory.plan",
    "float_model": "quantize.convert",
    "generate": "codegen.generate",
    "make_plan": "memory.plan",
    "read_graph": "tflite.graph_file",
}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
