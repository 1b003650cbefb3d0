"""A `.tflite` file: its schema, its graph, changes to it, its interpreter, and what the board supports."""
