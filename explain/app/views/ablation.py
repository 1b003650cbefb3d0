"""A page of its own, see `explain.app.topic_pages.ablation`."""

from explain.app.topic_pages.ablation import page

page()
