"""The operators of an int8 graph as C: the arguments of each kernel of `embedded/codegen/kernels/`."""
