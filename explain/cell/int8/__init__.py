"""Integer arithmetic of the int8 operators, value by value: what the kernels in `embedded/codegen/kernels` do."""
