"""Builds notebooks and HTML pages from percent scripts: `python -m lessons.making`, or `make lessons`."""
