"""The serial line between computer and board: packets, messages, ports, and a simulated board."""
