"""Rules of the float network: how a value was computed, one rule for each kind of operation."""
