"""A page of its own, see `explain.app.pages.training.training_page`."""

from explain.app.pages.training.training_page import page

page()
