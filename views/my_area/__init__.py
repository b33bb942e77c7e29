"""Parts of the ward profile and the ward sheets."""
