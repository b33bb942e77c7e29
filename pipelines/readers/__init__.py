"""One reader per published file: bytes in the publisher's layout -> a tidy table by area code."""
