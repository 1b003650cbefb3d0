"""C on an emulated Cortex-M4F: compiler, linked program, calls of functions, instructions counted."""
