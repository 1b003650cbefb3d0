"""The OV7675 camera: the bytes it hands over, and the tables that make the network's input of them."""
