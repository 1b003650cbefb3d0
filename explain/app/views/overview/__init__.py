"""The overview page: the photo before and after, and the architecture map."""
