"""One visit: its snapshot, its address, what the visitor brought, signing in."""
