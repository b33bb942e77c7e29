"""What if, and where next: scenarios, and the best sites for new places of help."""
