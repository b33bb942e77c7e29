"""One place for a mayor: numbers with their rows, the screen, the slides, the decisions log."""
