"""From a trained float network to an int8 `.tflite` file, and which of its tensors is which hook point."""
