"""A page of its own, see `explain.app.pages.cell.cell_page`."""

from explain.app.pages.cell.cell_page import page

page()
