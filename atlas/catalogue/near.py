"""What "near" means: within a mile, in a straight line."""

MILE = 1609.344  # metres
