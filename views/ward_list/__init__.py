"""Parts of the risk list."""
