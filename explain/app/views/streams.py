"""A page of its own, see `explain.app.topic_pages.streams`."""

from explain.app.topic_pages.streams import page

page()
