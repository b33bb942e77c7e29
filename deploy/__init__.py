"""Running the Atlas on a server: nginx, containers, the bill of materials."""
