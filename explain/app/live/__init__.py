"""The live part: the board's network in a browser, as static files; the site and the page of the Nano show it."""
