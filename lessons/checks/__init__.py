"""Checks of the exercises: they report what is wrong, which mistake it looks like, and where to look.

A module for each lesson, a function for each exercise:

```python
from lessons.checks import pipeline as check
check.psnr(psnr)  # prints a line with a tick, or raises NotYet
```
"""

from lessons.checks.kit import NotYet, agrees

__all__ = ["NotYet", "agrees"]
