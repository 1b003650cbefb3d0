"""How a cell of the float network was computed: one rule for each kind of operation."""
