"""What pages there are, and what they say: texts, topics, the tour, the parts of a network to choose from."""
