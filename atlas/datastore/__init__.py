"""The open datastore: its tables, its editions, the audit and what changed."""
