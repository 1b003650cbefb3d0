"""What stands around every page: the side bar, the tour, the glossary on hover, the link to the next page."""
