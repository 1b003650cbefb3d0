"""What all figures are made of: themes, layout, colour maps, charts, and figures as files."""
