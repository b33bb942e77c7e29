"""Pages without scripts, for slow phones, terminals, search engines and printers; and their data.

Each says what a page of the site says, from the same functions.
"""
