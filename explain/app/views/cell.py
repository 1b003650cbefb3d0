"""A page of its own, see `explain.app.topic_pages.cell`."""

from explain.app.topic_pages.cell import page

page()
