"""Parts of the page your data."""
