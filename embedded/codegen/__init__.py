"""From an int8 graph to C: one call per operator, constants in flash, one arena."""
