"""The page about one kind of component."""

from explain.app.pages.component.component_page import component_page

component_page("spatial_attention")
