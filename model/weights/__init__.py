"""The trained weights that come with this package, and weights under the authors' names."""
