"""A page of its own, see `explain.app.pages.streams.streams_page`."""

from explain.app.pages.streams.streams_page import page

page()
