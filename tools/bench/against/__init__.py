"""The bench `against`: two checkouts of this project in turns."""
