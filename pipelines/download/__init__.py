"""Fetching published files: from their addresses, a mirror, or a person's hand."""
