"""The operators of an int8 graph as C: which numbers each kernel of `embedded/codegen/kernels/` is called with."""
