"""Checks of the exercises: what is wrong, which mistake it looks like, and where to look; not only that it is wrong.

A module for each lesson, a function for each exercise:

```python
from lessons.checks import pipeline as check
check.psnr(psnr)  # prints a line with a tick, or raises NotYet
```
"""

from lessons.checks.checking import Mistake, NotYet

__all__ = ["Mistake", "NotYet"]
