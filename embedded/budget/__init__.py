"""Does a network fit a board? RAM, flash and instructions, each against the board's limit."""
