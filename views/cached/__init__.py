"""Results worked out once for each snapshot and shared by all visits."""
