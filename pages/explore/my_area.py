"""One ward: in plain words for paper, and every measure of it."""

from views.kit.doors import tabs
from views.my_area import profile, sheets

tabs("my_area", {"my_area": sheets.page, "measures": profile.page})
