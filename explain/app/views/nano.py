"""A page of its own, see `explain.app.pages.nano`."""

from explain.app.pages.nano import page

page()
