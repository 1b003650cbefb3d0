"""Right answers that are long, with switches for known mistakes."""
