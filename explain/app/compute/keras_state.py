"""Keeps Keras' state while the page is served.

After every run of a page, Streamlit clears Keras' session, which was meant for scripts that make the same model again
and again. The state that it throws away belongs to all threads: a network that another visitor's page is just making,
or taking the cost of, loses the variables that it was given. Our networks are made once and kept, so nothing has to
be cleared.
"""

import keras

__all__ = ["keep"]


def keep() -> None:
    """From now on `keras.backend.clear_session`, by which Streamlit does it, does nothing in this process."""
    keras.backend.clear_session = lambda free_memory=True: None
