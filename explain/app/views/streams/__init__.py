"""The page of receptive fields."""
