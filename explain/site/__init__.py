"""The site: the live part and the whole walkthrough as static pages, for any web server."""
