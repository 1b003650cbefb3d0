"""A page of its own, see `explain.app.pages.cell`."""

from explain.app.pages.cell import page

page()
