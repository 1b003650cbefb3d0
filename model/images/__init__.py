"""Pictures as arrays and files, their sizes, the camera's byte formats, and the darkening of good photos."""
