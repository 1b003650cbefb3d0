"""A page of its own, see `explain.app.pages.nano.nano_page`."""

from explain.app.pages.nano.nano_page import page

page()
