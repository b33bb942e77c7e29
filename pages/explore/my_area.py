"""One ward in plain words, with its map and every measure."""

from views.kit.doors import tabs
from views.my_area.page import page

tabs("my_area", {"my_area": page})
