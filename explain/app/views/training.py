"""A page of its own, see `explain.app.topic_pages.training`."""

from explain.app.topic_pages.training import page

page()
