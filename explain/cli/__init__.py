"""The `mirnet` command."""
