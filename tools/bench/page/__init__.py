"""The load test of the page: visitors that click, and the server they visit."""
