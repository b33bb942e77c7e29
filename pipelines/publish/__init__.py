"""Writing a snapshot, and keeping its versions."""
