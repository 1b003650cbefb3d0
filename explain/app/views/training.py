"""A page of its own, see `explain.app.pages.training`."""

from explain.app.pages.training import page

page()
