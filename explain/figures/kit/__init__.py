"""Parts of all figures: themes, layout, colour maps, charts, and figures as files."""
