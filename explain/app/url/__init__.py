"""What a page shows, as it stands in its address."""
