"""A model as an Arduino sketch: the folder that is written, and the files that go into every sketch."""
