"""What the page sends to the browser as files: scripts, style sheets and templates."""
