"""The pages that are not about one kind of component, a file each."""
