"""The board's arithmetic of whole numbers, number by number: what the kernels in `embedded/kernels` do, in Python."""
