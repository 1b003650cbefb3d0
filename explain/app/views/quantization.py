"""A page of its own, see `explain.app.topic_pages.quantization`."""

from explain.app.topic_pages.quantization import page

page()
