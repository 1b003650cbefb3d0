"""The page of the board: camera, memory, time, limits, sketch."""
