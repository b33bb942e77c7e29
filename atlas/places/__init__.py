"""England's places: names, search, postcodes, comparison, the address of a view."""
