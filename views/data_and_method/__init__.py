"""Parts of the pages on data and method."""
