"""From percent scripts to notebooks and pages: `python -m lessons.making`, or `make lessons`."""
