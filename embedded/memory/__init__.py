"""The memory plan: live buffers, the order of operators, offsets in the arena, and a check of the whole."""
