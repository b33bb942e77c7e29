"""The map of wards by one measure."""

from views.kit.doors import tabs
from views.map.page import page

tabs("map", {"map": page})
