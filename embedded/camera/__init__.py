"""The OV7675 camera: the bytes of its frames, and the look-up tables from them to the network's input."""
