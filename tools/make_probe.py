"""Makes `embedded/tflite/probe.tflite`, for `mirnet doctor` to invoke: y = max(2 x - 1, 0), float, (1, 4, 4, 1).

Run it as: .venv/bin/python tools/make_probe.py
"""

import os
from pathlib import Path

import tensorflow as tf

TARGET = Path(__file__).resolve().parent.parent / "embedded" / "tflite" / "probe.tflite"


class Probe(tf.Module):
    """y = max(2 x - 1, 0)."""

    @tf.function(input_signature=[tf.TensorSpec((1, 4, 4, 1), tf.float32)])
    def __call__(self, x):
        """Compute y from x, both (1, 4, 4, 1)."""
        return tf.nn.relu(x * 2.0 - 1.0)


def main() -> None:
    """Convert and write."""
    module = Probe()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.__call__.get_concrete_function()], module)
    part = TARGET.with_suffix(".part")
    part.write_bytes(converter.convert())
    os.replace(part, TARGET)


if __name__ == "__main__":
    main()
