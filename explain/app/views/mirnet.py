"""The page about one kind of component."""

from explain.app.component_page import component_page

component_page("mirnet")
