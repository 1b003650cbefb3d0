"""A page of its own, see `explain.app.pages.streams`."""

from explain.app.pages.streams import page

page()
