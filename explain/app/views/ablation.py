"""A page of its own, see `explain.app.pages.ablation`."""

from explain.app.pages.ablation import page

page()
