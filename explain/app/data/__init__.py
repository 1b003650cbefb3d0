"""What the page shows and cannot compute while somebody waits: measured once, shipped as files."""
