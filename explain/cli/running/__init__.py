"""What commands do between their arguments and the analysis: progress bars, tables, files."""
