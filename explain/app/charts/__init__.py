"""Data charts of the page, by Altair."""
