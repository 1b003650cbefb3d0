"""The page of a kind of component: its figure, its formula, its contract, the values under a pixel."""
