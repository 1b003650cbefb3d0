"""A page of its own, see `explain.app.topic_pages.nano`."""

from explain.app.topic_pages.nano import page

page()
