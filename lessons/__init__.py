"""Ten lessons as percent scripts, the checks of their exercises, and the tools that make notebooks of them.

A lesson is `NN_name.py`; README.md in this folder says how to write one. Importing this package silences
the messages of TensorFlow's start, which a notebook would show.
"""

from explain.cli.quiet import quiet_tensorflow

quiet_tensorflow()
