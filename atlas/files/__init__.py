"""Writers of the files that people take away."""
