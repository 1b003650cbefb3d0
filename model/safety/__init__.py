"""Arguments that are checked, and outputs that are written whole: a mistake costs one clear error and loses nothing."""
