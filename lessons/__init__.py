"""What to learn: ten lessons as percent scripts, the checks of their exercises, and what makes notebooks of them.

A lesson is `NN_name.py`; README.md in this folder says how one is written. Importing this package keeps TensorFlow from
talking at its start, since a notebook would show all of it.
"""

from explain.cli.quiet import quiet_tensorflow

quiet_tensorflow()
