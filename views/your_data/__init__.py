"""Your data: what a visitor brings, looked at first and held for one visit."""
