"""One ward: its sheet in plain words, its measures, and sheets to print."""
