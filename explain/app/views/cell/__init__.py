"""The cell inspector: the arithmetic behind any value of any tensor."""
