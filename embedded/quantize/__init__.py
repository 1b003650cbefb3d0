"""From a trained float network to an int8 `.tflite` file, and the map from its tensors to hook points."""
