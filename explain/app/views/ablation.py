"""A page of its own, see `explain.app.pages.ablation.ablation_page`."""

from explain.app.pages.ablation.ablation_page import page

page()
