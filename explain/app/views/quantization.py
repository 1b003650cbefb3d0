"""A page of its own, see `explain.app.pages.quantization`."""

from explain.app.pages.quantization import page

page()
