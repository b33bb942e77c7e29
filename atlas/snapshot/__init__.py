"""The published data: loaded, verified, in which version, how old."""
