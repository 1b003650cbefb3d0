"""A page of its own, see `explain.app.pages.quantization.quantization_page`."""

from explain.app.pages.quantization.quantization_page import page

page()
