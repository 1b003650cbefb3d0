"""The map of the whole network, and what it makes of the photo."""

from explain.app.pages.overview import overview

overview()
