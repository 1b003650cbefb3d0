"""The int8 models that come with this package."""
