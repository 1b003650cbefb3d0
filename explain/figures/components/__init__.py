"""One figure for each component, drawn from a cache of activations."""
