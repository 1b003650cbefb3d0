"""The first code cell of every notebook: it says what is missing, before a lesson stops with an error about it.

It runs where our packages may be missing, or hidden by a learner's own `model.py`; so it is text, and imports nothing
else of ours.
"""

__all__ = ["FIRST_CELL"]

FIRST_CELL = """\
# Run this cell first. If it prints nothing, all is well.
try:
    from mirnet_packages import complaint, strangers
except ImportError:
    print("The lessons are not installed for this kernel (nor in Colab, at first). Run this in a new cell:")
    print("    %pip install 'mirnet-explainer[lessons]'")
    print("or, in a copy of the project, %pip install -e 'FOLDER[lessons]'. Then restart the kernel.")
else:
    for name, place in strangers().items():
        print(complaint(name, place), "Then restart the kernel.", sep=".\\n")"""
"""Prints nothing where everything is well."""
