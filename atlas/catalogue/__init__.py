"""What comes in and what goes out: published files, columns, editions of wards, groups."""
