"""What the board runs: the int8 side of MIRNet."""
