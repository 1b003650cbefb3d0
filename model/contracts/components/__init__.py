"""What each component promises, one file each, named as the component."""
