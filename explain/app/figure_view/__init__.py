"""A component's figure on the page: pictures as HTML in rows that wrap, and Altair charts between them."""
