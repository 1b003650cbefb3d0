"""The architecture map: the network as a drawing with links."""
