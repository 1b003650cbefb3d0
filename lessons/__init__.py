"""What to learn: notebooks as percent scripts."""
