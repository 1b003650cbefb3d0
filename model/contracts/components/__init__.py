"""Contracts of each component, one file each, named as the component."""
