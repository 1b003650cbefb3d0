"""Commands between parsed arguments and analysis: progress bars, tables, files."""
