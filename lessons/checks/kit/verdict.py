"""What a check says: the message of an answer that is not right yet."""

import textwrap
from typing import Any, NoReturn

__all__ = ["NotYet", "given", "wrong"]

WIDTH = 96
"""Characters in a line of a message, as a notebook shows it."""


class NotYet(AssertionError):
    """An exercise is not solved yet. A notebook shows the message alone, without a traceback.

    Args:
        what: What is wrong, a sentence with what was found and what was expected.
        mistake: Which mistake it looks like, and what to do instead; empty if it is none that we know.
        look: Where to look.
        steps: Where the computation leaves the right one.
    """

    def __init__(self, what: str, mistake: str = "", look: str = "", steps: str = ""):
        self.what, self.mistake, self.look, self.steps = what, mistake, look, steps
        lines = [f"✗ {what}"]
        lines += [f"  It looks as if {mistake}"] if mistake else []
        lines += [f"  Step by step: {steps}"] if steps else []
        lines += [f"  Where to look: {look}"] if look else []
        super().__init__("\n".join(lines))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback: the message in lines that fit its cell."""
        return [
            line for part in str(self).splitlines() for line in textwrap.wrap(part, WIDTH, subsequent_indent="    ")
        ]


def wrong(what: str, mistake: str = "", look: str = "", steps: str = "") -> NoReturn:
    """Stops a check with a message; the arguments are those of `NotYet`.

    Raises:
        NotYet: Always.
    """
    raise NotYet(what, mistake, look, steps)


def given(name: str, value: Any) -> Any:
    """The value that a learner had to fill in.

    Raises:
        NotYet: If it is still `...`, or None.
    """
    if value is ...:
        wrong(f"{name} is not filled in yet: replace the `...`.")
    if value is None:
        wrong(f"{name} is None.", "`print` shows a value and gives none: leave it out.")
    return value
