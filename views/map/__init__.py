"""Parts of the ward map."""
