"""The part of the National Grid that England lies in."""

# Eastings and northings in EPSG:27700 metres, least and most; a little generous, islands included.
EAST, NORTH = (80_000, 660_000), (5_000, 660_000)
