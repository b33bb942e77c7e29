"""Tables that visitors bring: checked, then read by a process that can do nothing else."""
