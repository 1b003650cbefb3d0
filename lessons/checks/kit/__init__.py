"""Tools of all checks: run an answer, compare it with the right one, say what is wrong and where it begins.

`exercise` makes a check of a function; in it, `call` runs the learner's code and `compare` looks at what comes back.
"""

from lessons.checks.kit.agreement import agrees
from lessons.checks.kit.calling import CountedGenerator, call, drawn_from, same_twice
from lessons.checks.kit.comparing import Either, compare, several
from lessons.checks.kit.guard import exercise
from lessons.checks.kit.learner_steps import Steps
from lessons.checks.kit.own_component import component, with_weights
from lessons.checks.kit.plain import plain
from lessons.checks.kit.verdict import NotYet, given, wrong

__all__ = [
    "CountedGenerator",
    "Either",
    "NotYet",
    "Steps",
    "agrees",
    "call",
    "compare",
    "component",
    "drawn_from",
    "exercise",
    "given",
    "plain",
    "same_twice",
    "several",
    "with_weights",
    "wrong",
]
