"""Runs a network and reads it: caches of activations, hooks, call sites, costs."""
