"""The first page: one box, and three ways on."""

from views.kit.doors import tabs
from views.start.page import page

tabs("", {"start": page})
