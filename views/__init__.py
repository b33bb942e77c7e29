"""The pages' parts: a folder for each page of the site, what they share, and the visit."""
